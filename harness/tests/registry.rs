//! Images from registries: a real registry on loopback that a real client fills (Debian's docker-registry and skopeo), and for
//! what a real one never does on purpose, a scripted server.

#[path = "registry/broken.rs"]
mod broken;
#[path = "registry/cache.rs"]
mod cache;
#[path = "registry/login.rs"]
mod login;
#[path = "image/pack.rs"]
#[allow(dead_code, reason = "shared with the tests of archives")]
mod pack;
#[path = "registry/place.rs"]
mod place;
#[path = "registry/pulled.rs"]
mod pulled;
#[path = "registry/scripted.rs"]
mod scripted;
#[path = "registry/server.rs"]
mod server;
#[path = "registry/token.rs"]
mod token;
