//! What the binary says and returns when it cannot start, and how it stops.

mod common;

use std::net::TcpListener;
use std::process::Output;
use std::time::{Duration, Instant};

use common::{Server, output, trunkline};

fn last_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().last().unwrap_or_default().to_owned()
}

/// Exit code 3 and one line that contains all of these.
fn refuses(output: &Output, words: &[&str]) {
    let line = last_line(output);
    assert_eq!(output.status.code(), Some(3), "{line}");
    for word in words {
        assert!(line.contains(word), "{line:?} lacks {word:?}");
    }
}

#[test]
fn wrong_usage_is_exit_code_2() {
    assert_eq!(output(trunkline().arg("frobnicate")).status.code(), Some(2));
    assert_eq!(
        output(trunkline().args(["serve", "--listen", "nowhere"]))
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn a_taken_port_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = trunkline();
    command
        .args(["serve", "--listen", &address, "--data-dir"])
        .arg(dir.path());
    refuses(
        &output(&mut command),
        &[&address, "is taken by another program"],
    );
}

#[test]
fn a_folder_in_use_and_a_damaged_store_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let serve = || {
        let mut command = trunkline();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir.path());
        command
    };
    refuses(
        &output(&mut serve()),
        &["in use by another trunkline process"],
    );
    let mut check = trunkline();
    check.args(["check", "--data-dir"]).arg(dir.path());
    refuses(&output(&mut check), &["in use"]);
    drop(server);
    assert_eq!(output(&mut check).status.code(), Some(0));
    let mut list = trunkline();
    list.args(["org", "list", "--data-dir"]).arg(dir.path());
    assert!(String::from_utf8_lossy(&output(&mut list).stdout).contains("default"));
    std::fs::write(
        dir.path().join("org-1.db"),
        "this is no store, it only has the name of one",
    )
    .unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(dir.path().join(format!("org-1.db{suffix}"))); // it may not be there
    }
    refuses(
        &output(&mut serve()),
        &["org default", "org-1.db", "damaged"],
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut command = trunkline();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(file.path().join("data"));
    refuses(&output(&mut command), &["cannot use data folder"]);
}

#[test]
fn a_config_file_with_an_unknown_key_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("trunkline.toml");
    std::fs::write(&config, "lisen = ['127.0.0.1:1']").unwrap();
    let mut command = trunkline();
    command.args(["serve", "--config"]).arg(&config);
    refuses(
        &output(&mut command),
        &["trunkline.toml has an error", "lisen"],
    );
}

#[test]
fn a_second_org_gets_its_own_administrator() {
    let dir = tempfile::tempdir().unwrap();
    let create = |name: &str, admin: &str| {
        let mut command = trunkline();
        command
            .args(["org", "create", name, "--admin", admin, "--data-dir"])
            .arg(dir.path());
        output(command.env("TRUNKLINE_ADMIN_PASSWORD", "a-b-c"))
    };
    assert_eq!(create("one", "ada@one.example").status.code(), Some(0));
    assert_eq!(create("two", "ben@two.example").status.code(), Some(0));
    refuses(&create("One", "eve@one.example"), &["already taken"]);
    refuses(&create("three", "ADA@one.example"), &["already taken"]);
    let mut show = trunkline();
    show.args(["org", "show", "two", "--data-dir"])
        .arg(dir.path());
    assert!(String::from_utf8_lossy(&output(&mut show).stdout).contains("org-2.db"));
}

#[test]
fn sigterm_ends_the_server_with_code_0() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let token = server.log_in();
    assert!(token.starts_with("00D"));
    let kill = std::process::Command::new("kill")
        .arg(server.child.id().to_string())
        .status();
    assert!(kill.unwrap().success());
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        if let Some(status) = server.child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(0));
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the server did not stop within 30 s");
}

#[test]
fn a_folder_without_orgs_is_named_and_not_called_sound() {
    let dir = tempfile::tempdir().unwrap();
    for folder in [dir.path().to_owned(), dir.path().join("mistyped")] {
        for words in [
            &["check"][..],
            &["org", "list"],
            &["org", "show", "default"],
        ] {
            let mut command = trunkline();
            command.args(words).arg("--data-dir").arg(&folder);
            let name = folder.display().to_string();
            refuses(&output(&mut command), &["no org in folder", &name]);
        }
        assert_eq!(folder.exists(), folder == dir.path(), "nothing is made");
    }
}

#[test]
fn cargo_run_finds_the_server_among_the_programs() {
    let manifest = include_str!("../Cargo.toml");
    assert!(manifest.contains("default-run = \"trunkline\""));
}
