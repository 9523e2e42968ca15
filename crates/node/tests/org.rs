//! A node with real store files: restarts, log-in, locks.

use std::time::Duration;

use engine::{PresenceRequest, Reply, Request, SaveOp, Submission};
use model::{Code, Millis, Value};
use node::{App, Node, NodeError, NodeOptions, OrgHandle, OrgSpec, Used};

const ADMIN: &str = "ada@harbor.example";

fn open(dir: &tempfile::TempDir) -> Node {
    Node::open(NodeOptions::new(dir.path())).unwrap()
}

fn create(node: &Node) -> OrgHandle {
    let spec = OrgSpec {
        name: "harbor".into(),
        admin_username: ADMIN.into(),
        admin_password: "correct horse".into(),
        apps: vec![App {
            client_id: "api".into(),
            ..App::default()
        }],
    };
    node.create_org(spec).unwrap()
}

fn run<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(60), what)
            .await
            .unwrap()
    })
}

#[test]
fn log_ins_and_apps_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let node = open(&dir);
    let org = create(&node);
    let token = run(async {
        let user = org.authenticate(ADMIN, "correct horse").await.unwrap();
        let refused = org.authenticate(ADMIN, "wrong").await.unwrap_err();
        assert_eq!(refused.code, Code::InvalidLogin);
        assert_eq!(
            org.authenticate("nobody@x", "correct horse")
                .await
                .unwrap_err(),
            refused
        );
        org.open_session(user.id, Some("api")).await.unwrap()
    });
    assert!(token.starts_with(&format!("{}!", org.id().as_15())));
    node.stop();
    drop((node, org));

    let node = open(&dir);
    let (org, caller) = node.session(&token).unwrap();
    assert_eq!(caller.user, org.user(&ADMIN.to_uppercase()).unwrap().id);
    let (_, app) = node.app("api").unwrap();
    assert_eq!(app.run_as, Some(caller.user.to_string()));
    run(async {
        let refresh = org.issue_refresh(caller.user, "api").await.unwrap();
        assert!(org.redeem_refresh(&refresh, "api").is_some());
        assert!(org.redeem_refresh(&refresh, "other").is_none());
        org.revoke_refresh(&refresh).await.unwrap();
        assert!(org.redeem_refresh(&refresh, "api").is_none());
        org.close_session(&token).await.unwrap();
        assert_eq!(org.caller(&token).unwrap_err().code, Code::InvalidSessionId);
        node.shutdown().await;
        assert_eq!(
            org.open_session(caller.user, None).await.unwrap_err().code,
            Code::ServerUnavailable
        );
    });
}

#[test]
fn a_folder_serves_one_process_and_names_are_unique() {
    let dir = tempfile::tempdir().unwrap();
    let node = open(&dir);
    let org = create(&node);
    assert!(matches!(
        Node::open(NodeOptions::new(dir.path())),
        Err(NodeError::Locked(_))
    ));
    let again = OrgSpec {
        name: "Other".into(),
        admin_username: ADMIN.to_uppercase(),
        admin_password: "x".into(),
        apps: Vec::new(),
    };
    assert!(matches!(node.create_org(again), Err(NodeError::Taken(_))));
    node.stop();
    drop((node, org));
    let listed = Node::list(dir.path()).unwrap();
    assert_eq!(
        node::audit(dir.path(), &listed[0]).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn a_damaged_control_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("control.json"), "{").unwrap();
    let error = Node::open(NodeOptions::new(dir.path())).err().unwrap();
    assert!(
        error.to_string().contains("control.json is damaged"),
        "{error}"
    );
}

#[test]
fn a_store_that_was_cut_to_nothing_is_no_new_org() {
    let dir = tempfile::tempdir().unwrap();
    let node = open(&dir);
    drop(create(&node));
    node.stop();
    drop(node);
    let listed = Node::list(dir.path()).unwrap();
    let path = dir.path().join(&listed[0].file);
    for is_there in [true, false] {
        if is_there {
            std::fs::write(&path, "").unwrap();
        } else {
            std::fs::remove_file(&path).unwrap();
        }
        let error = Node::open(NodeOptions::new(dir.path())).err().unwrap();
        assert!(
            error.to_string().contains("restore it from a backup"),
            "{error}"
        );
        assert!(node::audit(dir.path(), &listed[0]).is_err());
        assert_eq!(path.exists(), is_there, "nothing was made");
        assert!(!is_there || std::fs::metadata(&path).unwrap().len() == 0);
    }
}

#[test]
fn what_was_used_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let node = open(&dir);
    let org = create(&node);
    for n in 1..=3 {
        assert_eq!(org.count_use(Used::ApiRequests), n);
    }
    node.stop();
    drop((node, org));
    let node = open(&dir);
    let org = node.org(None).unwrap();
    assert_eq!(org.used(Used::ApiRequests), 3);
    assert_eq!(org.used(Used::BulkBatches), 0);
    let (taken, free) = org.storage_mb();
    assert!(taken > 0 && free > 0);
    node.stop();
}

#[test]
fn a_command_is_answered_after_it_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let node = open(&dir);
    let org = create(&node);
    run(async {
        let user = org.user(ADMIN).unwrap();
        let token = org.open_session(user.id, None).await.unwrap();
        let caller = org.caller(&token).unwrap();
        let catalogue = org.catalogue();
        let (case, def) = catalogue.find("Case").unwrap();
        let subject = (def.field("Subject").unwrap(), Value::from("Printer"));
        let ops = vec![SaveOp::Create {
            object: case,
            values: vec![subject],
        }];
        let request = Request::Save {
            ops,
            all_or_none: false,
        };
        let reply = org
            .submit(Submission {
                caller: caller.clone(),
                command_id: None,
                request,
            })
            .await
            .unwrap();
        let Reply::Saved(saved) = reply else {
            panic!("{reply:?}")
        };
        assert!(saved[0].as_ref().unwrap().created);
        let request = Request::Presence(PresenceRequest::Logout);
        let reply = org
            .submit(Submission {
                caller,
                command_id: None,
                request,
            })
            .await
            .unwrap();
        assert_eq!(reply, Reply::Presence(None));
        let seen = org.inspect(|engine| engine.now()).await.unwrap();
        assert!(seen > Millis(0) && seen <= org.now());
    });
    node.stop();
}
