//! What the binary says and returns when it cannot start, and how it stops.

mod common;

use std::net::TcpListener;
use std::process::Output;
use std::time::{Duration, Instant};

use common::{Server, call, output, trunkline};

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
    refuses(
        &output(&mut check),
        &["a server runs on", "stop the server first"],
    );
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
fn a_base_url_that_is_none_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = trunkline();
    command.args(["serve", "--base-url", "router.example.com", "--data-dir"]);
    command.arg(dir.path().join("none"));
    refuses(
        &output(&mut command),
        &["--base-url", "https://router.example.com"],
    );
}

#[test]
fn connected_apps_are_made_listed_and_get_new_secrets() {
    let dir = tempfile::tempdir().unwrap();
    drop(Server::start(dir.path()));
    let app = |words: &[&str]| {
        let mut command = trunkline();
        command
            .arg("app")
            .args(words)
            .arg("--data-dir")
            .arg(dir.path());
        output(&mut command)
    };
    let after = |output: &Output, name: &str| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let rest = text.lines().find_map(|line| line.strip_prefix(name));
        let word = rest.and_then(|rest| rest.split_whitespace().next());
        word.unwrap_or_else(|| panic!("{text:?} has no {name}"))
            .to_owned()
    };
    let made = app(&["create", "My app", "--grants", "client_credentials"]);
    let (id, old) = (after(&made, "client id"), after(&made, "client secret"));
    let new = after(&app(&["rotate", &id]), "client secret");
    assert_ne!(new, old);
    let list = String::from_utf8_lossy(&app(&["list"]).stdout).into_owned();
    assert!(
        list.contains(&format!("{id}  My app  client_credentials")),
        "{list}"
    );
    refuses(&app(&["rotate", "nobody"]), &["no app nobody"]);
    refuses(
        &app(&["create", "x", "--grants", "magic"]),
        &["is no grant"],
    );
    let server = Server::start(dir.path());
    for (secret, status) in [(&new, 200), (&old, 400)] {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let answer = call(server.address, "POST", "/services/oauth2/token", "", &form).unwrap();
        assert_eq!(answer.0, status, "{}", answer.1);
    }
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
