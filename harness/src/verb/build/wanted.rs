//! What is to be built: every Dockerfile with every base image.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli;
use crate::exit::Failure;
use crate::image::Reference;
use crate::verb::run;

/// What is wanted: a Dockerfile, perhaps with another base.
pub struct Wanted {
    /// Its short name.
    pub id: String,
    /// As it was given.
    pub dockerfile: String,
    /// Its text.
    pub text: String,
    /// The folder that is sent along.
    pub context: PathBuf,
    /// What `--image` said.
    pub image: Option<String>,
}

/// Every Dockerfile with every image.
pub fn wanted(request: &cli::Build) -> Result<Vec<Wanted>, Failure> {
    let images: Vec<Option<&String>> = match request.image.is_empty() {
        true => vec![None],
        false => request.image.iter().map(Some).collect(),
    };
    let mut all: Vec<Wanted> = Vec::new();
    for given in &request.dockerfiles {
        let path = if given.is_dir() { given.join("Dockerfile") } else { given.clone() };
        let text = fs::read_to_string(&path)
            .map_err(|e| Failure::request(format!("reading the Dockerfile {}: {e}", path.display())))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let context = request.context.clone().unwrap_or_else(|| folder.to_owned());
        if !context.is_dir() {
            return Err(Failure::request(format!("--context {}: it is no folder", context.display())));
        }
        for image in &images {
            let short = image.map(|image| Reference::parse(image).map_err(run::refused)).transpose()?;
            let short = short.map(|reference| reference.id());
            let name = path.display().to_string();
            let id = match (short, request.dockerfiles.len()) {
                (None, _) => name.clone(),
                (Some(image), 1) => image,
                (Some(image), _) => format!("{name} on {image}"),
            };
            let taken = |id: &str| all.iter().any(|known| known.id == id);
            let numbered = (2..).map(|n| format!("{id} ({n})"));
            let id = std::iter::once(id.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(id);
            let (text, context) = (text.clone(), context.clone());
            all.push(Wanted { id, dockerfile: name, text, context, image: image.cloned() });
        }
    }
    Ok(all)
}
