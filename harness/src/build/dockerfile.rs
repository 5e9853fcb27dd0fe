//! A Dockerfile: where its base image is named, how another takes that place, and which lines the engine's classic builder
//! does not understand.
//!
//! The image of `--image` takes the place of the base of the last stage. Where a Dockerfile declares a variable for it (`ARG BASE`
//! before the first FROM, `FROM ${BASE}`), it becomes that variable's value; otherwise it is written into every FROM that
//! names the same image, so that a stage that compiles moves along with the stage that the result runs in.

use std::collections::BTreeMap;
use std::ops::Range;

use parse_dockerfile::{Command, Flag, Instruction, Source};

/// Values of `--build-arg`.
pub type Arguments = BTreeMap<String, String>;

/// Why a Dockerfile cannot be built here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DockerfileError {
    /// It is not one.
    #[error("it is no Dockerfile: {0}")]
    Syntax(String),
    /// It needs BuildKit.
    #[error(
        "line {line}: {what} needs BuildKit, and builds are measured with the classic builder, which makes one step after \
         the other and says when each begins; write the line without it"
    )]
    BuildKit {
        /// The line.
        line: usize,
        /// What is there.
        what: String,
    },
    /// A base image whose name cannot be told.
    #[error(
        "line {line}: `FROM {image}` names no image: a variable in it has no value, or is more than `$NAME`, `${{NAME}}`, \
         `${{NAME:-word}}` or `${{NAME:+word}}`; give it one with --build-arg NAME=VALUE{}", hint(*.last)
    )]
    Unnamed {
        /// The line.
        line: usize,
        /// What is there.
        image: String,
        /// Whether it is the base of the last stage.
        last: bool,
    },
    /// There is no base image to replace.
    #[error("its last stage is FROM scratch, so that there is no base image to replace: leave --image out")]
    Scratch,
}

fn hint(last: bool) -> &'static str {
    if last { ", or name the image with --image" } else { "" }
}

/// What is to be asked of a builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The Dockerfile, with the label in every stage.
    pub text: String,
    /// Values of its variables.
    pub arguments: Arguments,
    /// The base image of the last stage; `scratch` for none.
    pub base: String,
    /// Every image that it needs, once.
    pub images: Vec<String>,
    /// For each step of the builder, in its order, the line of the file; `None` for the label.
    pub lines: Vec<Option<usize>>,
}

/// A stage.
struct Stage {
    /// Where the image is named.
    span: Range<usize>,
    /// What is there.
    image: String,
    /// What later stages call it.
    name: Option<String>,
    /// Where the line of its FROM ends.
    end: usize,
}

/// Makes a recipe of a Dockerfile: with another base image where there is one, and the label in every stage, so that all that comes
/// of it can be told from what is others'.
///
/// # Errors
/// [`DockerfileError`].
pub fn recipe(
    text: &str,
    base: Option<&str>,
    arguments: &Arguments,
    label: (&str, &str),
) -> Result<Recipe, DockerfileError> {
    let parsed = parse_dockerfile::parse(text).map_err(|e| DockerfileError::Syntax(e.to_string()))?;
    classic(text, &parsed.instructions)?;
    let stages = stages(&parsed.instructions);
    let mut values = variables(&parsed);
    values.extend(arguments.clone().into_iter().map(|(name, value)| (name, Some(value))));
    let mut arguments = arguments.clone();
    let root = root(&stages);
    let mut replaced = None;
    if let Some(base) = base {
        let image = &stages[root].image;
        if image.eq_ignore_ascii_case("scratch") {
            return Err(DockerfileError::Scratch);
        }
        match variable(image).filter(|name| values.contains_key(*name)) {
            Some(name) => {
                values.insert(name.into(), Some(base.into()));
                arguments.insert(name.into(), base.into());
            }
            None => replaced = Some((image.clone(), base)),
        }
    }
    let named = |at: usize| -> Result<String, DockerfileError> {
        let Stage { image, span, .. } = &stages[at];
        match &replaced {
            Some((old, new)) if old == image => Ok((*new).to_owned()),
            _ => expand(image, &values).filter(|name| !name.is_empty()).ok_or_else(|| DockerfileError::Unnamed {
                line: line(text, span.start),
                image: image.clone(),
                last: at == root,
            }),
        }
    };
    let mut images = Vec::new();
    for (at, stage) in stages.iter().enumerate() {
        if earlier(&stages[..at], &stage.image).is_none() {
            images.push(named(at)?);
        }
    }
    let base = named(root)?;
    images.extend(copied(&parsed.instructions, &stages));
    images.retain(|name| name != "scratch");
    let mut seen = std::collections::BTreeSet::new();
    images.retain(|name| seen.insert(name.clone()));
    Ok(Recipe {
        text: written(text, &stages, replaced.as_ref(), label),
        arguments,
        base,
        images,
        lines: steps(text, &parsed.instructions),
    })
}

/// The stages, in their order.
fn stages(instructions: &[Instruction<'_>]) -> Vec<Stage> {
    let stage = |instruction: &Instruction<'_>| {
        let Instruction::From(from) = instruction else { return None };
        let name = from.as_.as_ref().map(|(_, name)| name);
        Some(Stage {
            span: from.image.span.clone(),
            image: from.image.value.clone().into_owned(),
            name: name.map(|name| name.value.clone().into_owned()),
            end: name.map_or(from.image.span.end, |name| name.span.end),
        })
    };
    instructions.iter().filter_map(stage).collect()
}

/// The last of the earlier stages that is called so.
fn earlier(stages: &[Stage], name: &str) -> Option<usize> {
    stages.iter().rposition(|stage| stage.name.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(name)))
}

/// The stage whose FROM names the image that the last stage stands on.
fn root(stages: &[Stage]) -> usize {
    let mut at = stages.len() - 1;
    while let Some(below) = earlier(&stages[..at], &stages[at].image) {
        at = below;
    }
    at
}

/// Images that files are copied from.
fn copied(instructions: &[Instruction<'_>], stages: &[Stage]) -> Vec<String> {
    let from = |instruction: &Instruction<'_>| {
        let Instruction::Copy(copy) = instruction else { return None };
        let flag = copy.options.iter().find(|flag| flag.name.value == "from")?;
        let name = flag.value.as_ref()?.value.clone().into_owned();
        let stage = earlier(stages, &name).is_some() || name.parse::<usize>().is_ok();
        // A variable in it is the builder's to resolve, and the image then is the builder's to get.
        (!stage && !name.contains('$')).then_some(name)
    };
    instructions.iter().filter_map(from).collect()
}

/// Variables that are declared before the first FROM, with their values.
fn variables(parsed: &parse_dockerfile::Dockerfile<'_>) -> BTreeMap<String, Option<String>> {
    let mut values = BTreeMap::new();
    for arg in parsed.global_args() {
        for word in arg.arguments.value.split_whitespace() {
            let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            let value = value.map(|value| value.trim_matches(['"', '\'']));
            let value = value.and_then(|value| expand(value, &values));
            values.insert(name.to_owned(), value);
        }
    }
    values
}

/// The variable that stands for the whole name of an image.
fn variable(image: &str) -> Option<&str> {
    let inner = image.strip_prefix('$')?;
    let inner = match inner.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}')?.split(':').next()?,
        None => inner,
    };
    is_name(inner).then_some(inner)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The text with its variables replaced; `None` where one has no value, or stands in a form that is not known here.
fn expand(text: &str, values: &BTreeMap<String, Option<String>>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (inner, left) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => {
                after.split_at(after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len()))
            }
        };
        let (name, form) = inner.split_once(':').map_or((inner, None), |(name, form)| (name, Some(form)));
        if !is_name(name) {
            return None;
        }
        let value = values.get(name).cloned().flatten().filter(|value| !value.is_empty());
        out.push_str(&match form.map(|form| form.split_at_checked(1)) {
            None => value?,
            Some(Some(("-", word))) => value.unwrap_or_else(|| word.to_owned()),
            Some(Some(("+", word))) => value.map_or(String::new(), |_| word.to_owned()),
            Some(_) => return None,
        });
        rest = left;
    }
    out.push_str(rest);
    Some(out)
}

/// The file with the base replaced and the label below every FROM.
fn written(text: &str, stages: &[Stage], replaced: Option<&(String, &str)>, (name, value): (&str, &str)) -> String {
    let mut out = String::new();
    let mut done = 0;
    for (at, stage) in stages.iter().enumerate() {
        if let Some((_, new)) = replaced.filter(|(old, _)| *old == stage.image) {
            out.push_str(&text[done..stage.span.start]);
            out.push_str(new);
            done = stage.span.end;
        }
        out.push_str(&text[done..stage.end]);
        // Each its own: of stages that stand on the same image the builder's cache would else take one for the other.
        out.push_str(&format!("\nLABEL {name}={value}-{at}"));
        done = stage.end;
    }
    out.push_str(&text[done..]);
    out
}

/// The line of each step.
fn steps(text: &str, instructions: &[Instruction<'_>]) -> Vec<Option<usize>> {
    let mut lines = Vec::new();
    for instruction in instructions {
        lines.push(Some(line(text, start(instruction))));
        if matches!(instruction, Instruction::From(_)) {
            lines.push(None);
        }
    }
    lines
}

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Where an instruction begins.
fn start(instruction: &Instruction<'_>) -> usize {
    let keyword = match instruction {
        Instruction::Add(i) => &i.add,
        Instruction::Arg(i) => &i.arg,
        Instruction::Cmd(i) => &i.cmd,
        Instruction::Copy(i) => &i.copy,
        Instruction::Entrypoint(i) => &i.entrypoint,
        Instruction::Env(i) => &i.env,
        Instruction::Expose(i) => &i.expose,
        Instruction::From(i) => &i.from,
        Instruction::Healthcheck(i) => &i.healthcheck,
        Instruction::Label(i) => &i.label,
        Instruction::Maintainer(i) => &i.maintainer,
        Instruction::Onbuild(i) => &i.onbuild,
        Instruction::Run(i) => &i.run,
        Instruction::Shell(i) => &i.shell,
        Instruction::Stopsignal(i) => &i.stopsignal,
        Instruction::User(i) => &i.user,
        Instruction::Volume(i) => &i.volume,
        Instruction::Workdir(i) => &i.workdir,
        _ => return 0,
    };
    keyword.span.start
}

/// Refuses what the classic builder does not know.
fn classic(text: &str, instructions: &[Instruction<'_>]) -> Result<(), DockerfileError> {
    for instruction in instructions {
        let found = match instruction {
            Instruction::Run(run) => flag(&run.options, &[]).map(|name| format!("RUN --{name}")).or_else(|| {
                let shell = matches!(&run.arguments, Command::Shell(shell) if shell.value.starts_with("<<"));
                (shell || !run.here_docs.is_empty()).then(|| "a here-document".into())
            }),
            Instruction::Copy(copy) => {
                flag(&copy.options, &["from", "chown"]).map(|name| format!("COPY --{name}")).or_else(|| here(&copy.src))
            }
            Instruction::Add(add) => {
                flag(&add.options, &["chown"]).map(|name| format!("ADD --{name}")).or_else(|| here(&add.src))
            }
            _ => None,
        };
        if let Some(what) = found {
            return Err(DockerfileError::BuildKit { line: line(text, start(instruction)), what });
        }
    }
    Ok(())
}

/// The first flag that is not among these.
fn flag(options: &[Flag<'_>], known: &[&str]) -> Option<String> {
    options.iter().map(|flag| &*flag.name.value).find(|name| !known.contains(name)).map(str::to_owned)
}

fn here(sources: &[Source<'_>]) -> Option<String> {
    sources.iter().any(|source| matches!(source, Source::HereDoc(_))).then(|| "a here-document".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: (&str, &str) = ("l", "v");

    fn made(text: &str, base: Option<&str>, arguments: &[(&str, &str)]) -> Result<Recipe, DockerfileError> {
        let arguments = arguments.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        recipe(text, base, &arguments, LABEL)
    }

    #[test]
    fn a_variable_before_the_first_from_takes_the_image() {
        let text = "ARG BASE=debian:13\nFROM ${BASE}\nRUN true\n";
        let recipe = made(text, Some("alpine:3.20"), &[]).expect("a recipe");
        assert_eq!(recipe.text, "ARG BASE=debian:13\nFROM ${BASE}\nLABEL l=v-0\nRUN true\n");
        assert_eq!(recipe.arguments, [("BASE".to_owned(), "alpine:3.20".to_owned())].into());
        assert_eq!((&*recipe.base, &recipe.images[..]), ("alpine:3.20", &["alpine:3.20".to_owned()][..]));
        assert_eq!(recipe.lines, [Some(1), Some(2), None, Some(3)]);
        let as_it_is = made(text, None, &[]).expect("a recipe");
        assert_eq!((&*as_it_is.base, as_it_is.arguments.len()), ("debian:13", 0));
        assert_eq!(made(text, None, &[("BASE", "x:1")]).expect("a recipe").base, "x:1");
    }

    #[test]
    fn every_from_of_the_same_image_moves_along() {
        let text = "# escape=`\nFROM debian:13 AS build\nRUN a `\n  b\nFROM node:20 AS page\nFROM build AS more\nCOPY --from=busybox:1 /a /b\n\
                    from --platform=linux/amd64 debian:13\nCOPY --from=build /a /b\nCOPY --from=0 /a /c\n";
        let recipe = made(text, Some("alpine:3.20"), &[]).expect("a recipe");
        let written: Vec<&str> = recipe.text.lines().filter(|line| line.to_lowercase().starts_with("from")).collect();
        assert_eq!(
            written,
            [
                "FROM alpine:3.20 AS build",
                "FROM node:20 AS page",
                "FROM build AS more",
                "from --platform=linux/amd64 alpine:3.20"
            ]
        );
        assert_eq!(recipe.text.matches("\nLABEL l=v-").count(), 4);
        assert_eq!(recipe.images, ["alpine:3.20", "node:20", "busybox:1"]);
        assert_eq!(recipe.lines.len(), 8 + 4);
        assert_eq!(recipe.lines[..4], [Some(2), None, Some(3), Some(5)]);
    }

    #[test]
    fn the_base_is_that_of_the_stage_that_the_last_one_stands_on() {
        let text = "FROM a:1 AS one\nFROM b:1\nFROM ONE\nUSER x\n";
        let recipe = made(text, Some("c:1"), &[]).expect("a recipe");
        assert_eq!(recipe.text, "FROM c:1 AS one\nLABEL l=v-0\nFROM b:1\nLABEL l=v-1\nFROM ONE\nLABEL l=v-2\nUSER x\n");
        assert_eq!(recipe.base, "c:1");
    }

    #[test]
    fn variables_in_names_are_resolved_or_told() {
        let text = "ARG V=13\nARG T=${V}-slim\nFROM debian:${T}\n";
        assert_eq!(made(text, None, &[]).expect("a recipe").base, "debian:13-slim");
        let moved = made(text, Some("alpine:3.20"), &[]).expect("a recipe");
        assert_eq!((&*moved.base, moved.text.contains("FROM alpine:3.20\n")), ("alpine:3.20", true));
        for (image, name) in [("${X:-a:1}", "a:1"), ("b:${V:+2}", "b:2"), ("c$V", "c13")] {
            let text = format!("ARG V=13\nARG X\nFROM {image}\n");
            assert_eq!(made(&text, None, &[]).expect("a recipe").base, name);
        }
        let unnamed = made("ARG BASE\n\nFROM $BASE\n", None, &[]).expect_err("no value");
        assert_eq!(unnamed, DockerfileError::Unnamed { line: 3, image: "$BASE".into(), last: true });
        assert!(unnamed.to_string().contains("--image"), "{unnamed}");
        assert_eq!(made("FROM scratch\n", Some("a:1"), &[]), Err(DockerfileError::Scratch));
        assert_eq!(made("FROM scratch\nCOPY a /\n", None, &[]).expect("a recipe").images, [""; 0]);
    }

    #[test]
    fn what_needs_buildkit_is_told_with_its_line() {
        for (text, line, what) in [
            ("FROM a\nRUN --mount=type=cache,target=/x y\n", 2, "RUN --mount"),
            ("FROM a\n\nRUN <<EOF\nx\nEOF\n", 3, "a here-document"),
            ("FROM a\nCOPY --link a b\n", 2, "COPY --link"),
            ("FROM a\nCOPY <<EOF /b\nx\nEOF\n", 2, "a here-document"),
            ("FROM a\nADD --checksum=sha256:1 https://x/ /b\n", 2, "ADD --checksum"),
        ] {
            let error = made(text, None, &[]).expect_err(text);
            assert_eq!(error, DockerfileError::BuildKit { line, what: what.into() }, "{text}");
        }
        assert!(matches!(made("RUN x\n", None, &[]), Err(DockerfileError::Syntax(_))));
        assert!(matches!(made("", None, &[]), Err(DockerfileError::Syntax(_))));
    }
}
