//! A subject with all that its builds take.

use super::bases::Bases;
use super::progress::Progress;
use super::wanted::Wanted;
use crate::build::context::Context;
use crate::build::dockerfile::{self, Arguments, Recipe};
use crate::build::file::{Base, BuildFile, Failed, Outcome, Subject};
use crate::cli;
use crate::engine::{EngineError, LABEL, Owner, REPOSITORY};
use crate::exit::{Exit, Failure};

/// A subject that is ready to be built; none where it has failed already.
pub struct Task {
    /// The Dockerfile as it is built.
    pub recipe: Recipe,
    /// What is sent with it.
    pub context: Context,
    /// Entries in the history of the base image.
    pub below: usize,
}

/// Gets the images that a subject needs, and packs its context. A base that cannot be had is this subject's failure alone.
pub fn prepare(
    request: &cli::Build,
    wanted: &Wanted,
    bases: &mut Bases<'_>,
    watch: &Progress,
    file: &mut BuildFile,
) -> Result<Option<Task>, Failure> {
    watch.bar.set_message(format!("{}: base images", wanted.id));
    let base = wanted.image.as_deref().map(|image| bases.of_request(image)).transpose()?;
    let arguments: Arguments = request.build_arg.iter().cloned().collect();
    let owner = Owner::me().to_string();
    let recipe = dockerfile::recipe(&wanted.text, base.as_deref(), &arguments, (LABEL, &owner))
        .map_err(|e| Failure::request(format!("{}: {e}", wanted.dockerfile)))?;
    let mut subject = Subject {
        id: wanted.id.clone(),
        dockerfile: wanted.dockerfile.clone(),
        image: wanted.image.clone(),
        base: None,
        builds: Vec::new(),
        outcome: Outcome::default(),
    };
    let mut below = 0;
    let had = have(bases, &recipe, &mut subject, &mut below);
    let failed = had.err();
    let is_gone = matches!(failed, Some(EngineError::Broke { .. }));
    if let (true, Some(error)) = (is_gone, failed.as_ref()) {
        return Err(Failure { exit: Exit::Failed, message: error.to_string() });
    }
    subject.outcome.failed = failed.as_ref().map(missing);
    let ready = failed.is_none();
    file.subjects.push(subject);
    if !ready {
        return Ok(None);
    }
    let context = Context::pack(&wanted.context, &recipe.text).map_err(|e| {
        Failure::request(format!("packing the context {} of {}: {e}", wanted.context.display(), wanted.dockerfile))
    })?;
    Ok(Some(Task { recipe, context, below }))
}

/// Every image that a recipe needs, and what is told of its base.
fn have(bases: &mut Bases<'_>, recipe: &Recipe, subject: &mut Subject, below: &mut usize) -> Result<(), EngineError> {
    for name in &recipe.images {
        bases.there(name)?;
    }
    if recipe.base == "scratch" {
        return Ok(());
    }
    let pulled_ms = bases.there(&recipe.base)?;
    let held = bases.client.image(&recipe.base)?;
    *below = bases.client.history(&recipe.base)?.len();
    // What was brought there for this alone has a name there that tells nobody anything.
    let named = subject.image.as_ref().filter(|_| recipe.base.starts_with(REPOSITORY));
    let name = named.unwrap_or(&recipe.base).clone();
    subject.base = Some(Base { name, id: held.id, bytes: held.bytes, pulled_ms });
    Ok(())
}

/// An image that cannot be had.
fn missing(error: &EngineError) -> Failed {
    let message = format!(
        "{error}. The engine gets images itself: does it reach the registry, and may it (docker pull tries it alone)? Or name one \
         that it has (docker images), or one that needs no registry: --image debian-13 --image debian-13-musl"
    );
    Failed { line: None, instruction: None, exit_code: None, message, output: Vec::new() }
}
