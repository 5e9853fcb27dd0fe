//! `libcdiff run --runner kubernetes`, `libcdiff collect` and `libcdiff kubernetes`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use libcdiff_protocol::CaseInfo;
use libcdiff_protocol::frame::Reader;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::{print, report, run};
use crate::bundle;
use crate::cli::{self, Cli, RunnerName};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::image::{Arch, Image};
use crate::kubernetes::flow::{Flow, FlowError, Outcome};
use crate::kubernetes::gathered::{self, Asked};
use crate::kubernetes::kubectl::Kubectl;
use crate::kubernetes::{Options, Wanted, carrier, job, manifest, objects, run_name, yaml};
use crate::plan::{self, Selection};
use crate::report::visible::visible;
use crate::runfile::{self, AsDeployed};

/// Seconds for which a Job that has ended is kept, where nobody deletes it: time to look at it after a crash of this program.
const KEPT_SECONDS: u64 = 3600;
/// The same where people fetch the logs themselves.
const KEPT_BY_HAND_SECONDS: u64 = 24 * 3600;
/// A Job's deadline: several times what all cases take in one pod.
const DEADLINE_SECONDS: u64 = 1800;
/// Between two looks at a cluster.
const EVERY: Duration = Duration::from_secs(2);
/// For how long an image may fail to be pulled.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a run asks, settled.
pub struct Request<'a> {
    /// As it was typed.
    pub run: &'a cli::Run,
    /// Which cases and flavours.
    pub selection: &'a Selection,
    /// All cases.
    pub cases: &'a [CaseInfo],
    /// Look-ups as deployed.
    pub record: Option<AsDeployed>,
}

/// Refuses what means a cluster where another runner is meant.
pub fn check(request: &cli::Run) -> Result<(), Failure> {
    let cluster = &request.cluster;
    let others = cli::Cluster { pods: cli::Pods::default(), ..cluster.clone() };
    check_pods(request.runner, cluster.pods.are_meant() || others != cli::Cluster::default())
}

/// The same for whoever asks in pods.
pub fn check_pods(runner: RunnerName, are_meant: bool) -> Result<(), Failure> {
    if runner != RunnerName::Kubernetes && are_meant {
        return Err(Failure::request(
            "the flags under Kubernetes say how a cluster runs cases: add --runner kubernetes",
        ));
    }
    Ok(())
}

/// `libcdiff kubernetes`.
pub fn run(request: &cli::Kubernetes) -> Result<(), Failure> {
    let cli::Kubernetes::Carrier { output } = request;
    let mut bytes = Vec::new();
    carrier::write(&mut bytes)?;
    report::write(output, &bytes)?;
    let file = output.display();
    // Without it, only one machine's would be copied.
    let all = if bundle::machines().count() > 1 { "--all " } else { "" };
    print(&format!("wrote {file}: skopeo copy {all}oci-archive:{file} docker://REGISTRY/{}\n", carrier::NAME))
}

/// `libcdiff run --runner kubernetes`.
pub fn run_there(cli: &Cli, names: &[String], request: &Request<'_>) -> Result<(), Failure> {
    let cluster = &request.run.cluster;
    let kept = if cluster.emit_manifest { KEPT_BY_HAND_SECONDS } else { KEPT_SECONDS };
    let options = Options { keep_seconds: kept, ..options(&cluster.pods)? };
    let images = images(cli, names, request.run)?;
    let wanted = images.into_iter().map(|image| wanted(image, request)).collect::<Result<Vec<_>, _>>()?;
    let name = run_name();
    let objects = objects(&name, &wanted, request.record.as_ref(), &options)?;
    if cluster.emit_manifest {
        return emit(cli, &name, objects);
    }
    let ids: Vec<String> = wanted.into_iter().map(|wanted| wanted.image.id).collect();
    let outcome = flow(cli, &cluster.pods, &name, objects)?;
    if let Some(folder) = &cluster.logs {
        for (pod, log) in &outcome.logs {
            report::write(&folder.join(format!("{pod}.log")), log)?;
        }
    }
    let (asked, troubles) = gathered(&outcome, &ids);
    if !troubles.is_empty() {
        let logs = match &cluster.logs {
            Some(folder) => format!("; what there is: libcdiff collect {}/*", folder.display()),
            None => "; --logs DIR keeps what there is".into(),
        };
        return Err(Failure { exit: Exit::Failed, message: troubles.join("\n") + &logs });
    }
    finish(cli, asked?, request.cases, &request.run.render)
}

/// What the logs say, and what is wrong with them, by the names of the images.
pub fn gathered(outcome: &Outcome, images: &[String]) -> (Result<Vec<Asked>, gathered::GatherError>, Vec<String>) {
    let mut reader = Reader::default();
    outcome.logs.values().for_each(|log| String::from_utf8_lossy(log).lines().for_each(|line| reader.take(line)));
    let asked = gathered::gather(&reader);
    let mut troubles: Vec<String> = outcome
        .troubles
        .iter()
        .flat_map(|(place, all)| all.iter().map(|why| format!("{}: {why}", images[*place])))
        .collect();
    // Where a pod has said why, that its answers are missing follows.
    if troubles.is_empty() {
        let asked = asked.as_deref().unwrap_or_default();
        troubles
            .extend(asked.iter().flat_map(|asked| asked.gaps.iter().map(|gap| format!("{}: {gap}", asked.image()))));
    }
    (asked, troubles)
}

/// The images, each for every platform that is asked for.
fn images(cli: &Cli, names: &[String], request: &cli::Run) -> Result<Vec<Image>, Failure> {
    let platforms = &request.cluster.node_platform;
    let store = |registries: &cli::Registries| super::store(cli, registries).map(|store| store.with_abroad(at_nodes));
    if platforms.is_empty() {
        return run::find(names, &store(&request.registries)?);
    }
    let mut all: Vec<Image> = Vec::new();
    for platform in platforms {
        let mut registries = request.registries.clone();
        registries.reach.platform = Some(platform.clone());
        for mut image in run::find(names, &store(&registries)?)? {
            if platforms.len() > 1 {
                image.id = format!("{}-{}", image.id, image.arch);
            }
            image.id = run::unique(&image.id, &all);
            all.push(image);
        }
    }
    Ok(all)
}

/// Nodes run the programs: all that is needed here are probes for them.
fn at_nodes(arch: &'static Arch) -> Result<(), String> {
    match bundle::is_built_for(arch.name) {
        true => Ok(()),
        false => Err(format!("build this program with probes for it: make harness ARCH={}", arch.name)),
    }
}

/// How the pods are laid out.
pub fn options(pods: &cli::Pods) -> Result<Options, Failure> {
    let Some(carrier) = pods.carrier.clone() else {
        return Err(Failure::request(
            "the agent and the probes come into pods by an image: push what `libcdiff kubernetes carrier --output FILE.tar` \
             writes to a registry that the nodes reach, and name it by --carrier",
        ));
    };
    Ok(Options {
        carrier,
        image_volume: pods.image_volume,
        shards: pods.shards.unwrap_or(1),
        namespace: pods.namespace.clone(),
        node_selector: pods.node_selector.iter().cloned().collect(),
        pull_secrets: pods.image_pull_secret.clone(),
        deadline_seconds: pods.job_deadline.unwrap_or(DEADLINE_SECONDS),
        keep_seconds: KEPT_SECONDS,
    })
}

/// The name that nodes pull an image by.
pub fn pinned(image: &Image) -> Result<String, Failure> {
    let none = || {
        Failure::request(format!(
            "{} is not at a registry, and nodes pull their images from one: push it (skopeo copy, or docker push), and name it \
             as REGISTRY/NAME:TAG",
            image.reference
        ))
    };
    image.pinned.clone().ok_or_else(none)
}

/// The machine of an image, as Kubernetes spells it.
pub fn machine(arch: &str) -> &'static str {
    Arch::all().iter().find(|known| known.name == arch).map_or(Arch::native().oci, |known| known.oci)
}

fn wanted(image: Image, request: &Request<'_>) -> Result<Wanted, Failure> {
    let (pinned, arch) = (pinned(&image)?, machine(&image.arch));
    let image = runfile::Image { emulated_by: None, ..run::describe(image) };
    // Each pod has its own processors, so that images do not share them.
    let (plan, dropped) = plan::plan(&request.selection.of(request.cases), &image, request.selection, 1);
    Ok(Wanted { image, pinned, arch, plan: plan::whole(&plan), dropped })
}

fn emit(cli: &Cli, name: &str, objects: Vec<job::Objects>) -> Result<(), Failure> {
    let mut all = Vec::new();
    for objects in objects {
        all.extend(objects.plan.into_iter().map(manifest::Object::ConfigMap));
        all.push(manifest::Object::Job(Box::new(objects.job)));
    }
    let selector = job::selector(name);
    print(&format!(
        "# libcdiff {}, run {name}. kubectl apply -f FILE; when the Jobs have ended:\n\
         #   kubectl logs -l {selector} -c probes --tail=-1 --max-log-requests=64 > LOG\n\
         #   libcdiff collect LOG\n\
         #   kubectl delete jobs,configmaps -l {selector}\n",
        env!("CARGO_PKG_VERSION")
    ))?;
    print(&yaml::documents(&all)?)?;
    if !cli.quiet {
        eprintln!("libcdiff: nothing was run; the first lines of the manifests say how to go on");
    }
    Ok(())
}

/// Runs Jobs to their ends.
pub fn flow(cli: &Cli, pods: &cli::Pods, name: &str, objects: Vec<job::Objects>) -> Result<Outcome, Failure> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, stopped.clone())?;
    }
    let mut kubectl = Kubectl::usual(pods.context.clone(), pods.namespace.clone());
    kubectl.stopped = stopped.clone();
    if !cli.quiet {
        kubectl.tell = |text| eprintln!("libcdiff: {}", visible(text));
    }
    kubectl.knows_a_cluster().map_err(FlowError::from)?;
    let tell = |text: &str| {
        if !cli.quiet {
            eprintln!("libcdiff: {}", visible(text));
        }
    };
    tell(&format!("run {name}: {} Jobs; kubectl get jobs,pods -l {}", objects.len(), job::selector(name)));
    let flow = Flow {
        cluster: &kubectl,
        run: name,
        every: EVERY,
        patience: PATIENCE,
        stopped: &|| stopped.load(Ordering::Relaxed),
        tell: &tell,
    };
    // A request that was not made again is the stop's doing too.
    flow.run(objects).map_err(|error| match stopped.load(Ordering::Relaxed) {
        true => Failure { exit: Exit::Stopped, message: FlowError::Stopped.to_string() },
        false => error.into(),
    })
}

/// `libcdiff collect`.
pub fn collect(cli: &Cli, request: &cli::Collect) -> Result<(), Failure> {
    let mut reader = Reader::default();
    for path in &request.logs {
        read(path, &mut reader).map_err(|e| Failure::request(format!("reading the log {}: {e}", path.display())))?;
    }
    let asked = gathered::gather(&reader).map_err(|e| Failure::request(e.to_string()))?;
    let tell = |text: String| {
        if !cli.quiet {
            eprintln!("libcdiff: {}", visible(&text));
        }
    };
    for asked in &asked {
        asked.gaps.iter().for_each(|gap| tell(format!("{}: {gap}", asked.image())));
        if let Some(version) = asked.other_version() {
            tell(format!("{}: the manifests are of libcdiff {version}, and this is another", asked.image()));
        }
    }
    let (there, due) = (asked.len(), asked.iter().map(Asked::images).max().unwrap_or(0));
    if there < due {
        tell(format!("the logs are of {there} images, and the run has {due}"));
    }
    if reader.damaged() > 0 {
        tell(format!("{} lines are damaged, and were left out", reader.damaged()));
    }
    finish(cli, asked, &bundle::cases()?, &request.render)
}

fn read(path: &Path, reader: &mut Reader) -> std::io::Result<()> {
    let mut from: Box<dyn BufRead> = match path.to_str() {
        Some("-") => Box::new(BufReader::new(std::io::stdin())),
        _ => Box::new(BufReader::new(File::open(path)?)),
    };
    // What others write into a log need not be text.
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        reader.take(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(())
}

/// Judges what was said, and shows it.
fn finish(cli: &Cli, asked: Vec<Asked>, cases: &[CaseInfo], render: &cli::Render) -> Result<(), Failure> {
    let unsupported: usize = asked.iter().map(Asked::unsupported).sum();
    if unsupported > 0 && !cli.quiet {
        eprintln!(
            "libcdiff: {unsupported} observations take a sandbox, which pods do not allow: `unsupported`, each with its reason"
        );
    }
    let mut file = run::empty();
    gathered::fill(&mut file, asked);
    file.finished = run::now();
    run::order(&mut file)?;
    // Look-ups as deployed are cases of their run alone.
    let own = file.as_deployed.as_ref().map(|record| Deployed::in_pods(&record.names, record.within_seconds));
    let own = own.transpose().map_err(|e| Failure::request(e.to_string()))?.map(|deployed| deployed.cases());
    let cases = own.as_deref().unwrap_or(cases);
    run::judge(&mut file, cases)?;
    report::deliver(cli, &file, cases, render)
}
