//! Collects the files of `catalogue/` into one generated list, so that the binary carries them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("set by cargo"))
        .join("../../catalogue");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut code = String::new();
    list(&mut code, "OBJECTS", &root.join("objects"));
    list(&mut code, "PICKLISTS", &root.join("picklists"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("set by cargo")).join("catalogue_files.rs");
    fs::write(out, code).expect("write the generated list");
}

fn list(code: &mut String, name: &str, folder: &Path) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("catalogue folder")
        .map(|entry| entry.expect("catalogue entry").path())
        .collect();
    files.sort();
    writeln!(code, "pub(super) static {name}: &[(&str, &str)] = &[").expect("string");
    for file in files {
        let stem = file
            .file_stem()
            .expect("name")
            .to_string_lossy()
            .into_owned();
        let path = file.canonicalize().expect("path");
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(
            code,
            "    ({stem:?}, include_str!({:?})),",
            path.display().to_string()
        )
        .expect("string");
    }
    code.push_str("];\n");
}
