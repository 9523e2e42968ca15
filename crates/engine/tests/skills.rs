//! Requests that clients insert themselves: the three steps of skills-based routing (R10 to R18).

mod world;

use engine::administrator;
use model::{Code, RecordId, Value};
use world::{World, value};

fn skilled(w: &mut World, user: RecordId, skill: RecordId, level: f64) {
    let resource = match w.find("ServiceResource", "RelatedRecordId", user).first() {
        Some(resource) => *resource,
        None => w.create(
            "ServiceResource",
            &[
                ("Name", value("agent")),
                ("RelatedRecordId", user.into()),
                ("ResourceType", value("A")),
            ],
        ),
    };
    w.create(
        "ServiceResourceSkill",
        &[
            ("ServiceResourceId", resource.into()),
            ("SkillId", skill.into()),
            ("SkillLevel", Value::Double(level)),
            (
                "EffectiveStartDate",
                model::Millis::parse("2025-01-01").unwrap().into(),
            ),
        ],
    );
}

#[test]
fn t16_and_t19_skills_first_then_ready() {
    let mut w = World::new();
    let c = w.center(&["anna", "ben"]);
    let (anna, ben) = (c.agents[0], c.agents[1]);
    let french = w.create("Skill", &[("MasterLabel", value("French"))]);
    let hardware = w.create("Skill", &[("MasterLabel", value("Hardware"))]);
    skilled(&mut w, anna, french, 7.0);
    skilled(&mut w, anna, hardware, 2.0);
    skilled(&mut w, ben, french, 5.0);
    skilled(&mut w, ben, hardware, 3.0);
    w.set_status(anna, c.status).unwrap();
    w.set_status(ben, c.status).unwrap();
    let case = w.create("Case", &[]);
    let body = [
        ("WorkItemId", case.into()),
        ("ServiceChannelId", c.channel.into()),
        ("RoutingType", value("SkillsBased")),
        ("RoutingModel", value("MostAvailable")),
        ("CapacityWeight", Value::Double(1.0)),
        ("RoutingPriority", Value::Int(1)),
        ("IsReadyForRouting", false.into()),
    ];
    let request = w.create("PendingServiceRouting", &body);
    assert_eq!(
        (w.get(request, "Serial"), w.text(request, "Name").len()),
        (Value::Int(1), 8)
    );
    w.refused("PendingServiceRouting", &body, Code::DuplicateValue, &[]);
    let mut requirements = Vec::new();
    for (skill, level) in [(french, 5.0), (hardware, 3.0)] {
        requirements.push(w.create(
            "SkillRequirement",
            &[
                ("RelatedRecordId", request.into()),
                ("SkillId", skill.into()),
                ("SkillLevel", Value::Double(level)),
            ],
        ));
    }
    w.update(requirements[1], &[("SkillLevel", Value::Double(2.5))]);
    w.now = w.now.plus_s(60);
    w.tick();
    assert!(w.works(case).is_empty());
    w.update(request, &[("IsReadyForRouting", true.into())]);
    let work = w.works(case)[0];
    assert_eq!(w.get(work, "UserId"), ben.into());
    assert_eq!(w.find("AgentWorkSkill", "AgentWorkId", work).len(), 2);
    let late = w
        .try_update(request, &[("RoutingPriority", Value::Int(3))])
        .unwrap_err();
    assert_eq!(late.code, Code::InvalidOperation);
    // R47: the request goes, its skills with it, the offer is withdrawn
    w.try_delete(request).unwrap();
    assert_eq!(w.text(work, "Status"), "Canceled");
    assert!(
        w.find("SkillRequirement", "RelatedRecordId", request)
            .is_empty()
    );
}

#[test]
fn a_request_and_its_skills_in_one_command() {
    let mut w = World::new();
    let c = w.center(&["anna"]);
    let anna = c.agents[0];
    let french = w.create("Skill", &[("MasterLabel", value("French"))]);
    skilled(&mut w, anna, french, 7.0);
    w.set_status(anna, c.status).unwrap();
    let case = w.create("Case", &[]);
    let ops = vec![
        w.op(
            "PendingServiceRouting",
            &[
                ("WorkItemId", case.into()),
                ("ServiceChannelId", c.channel.into()),
                ("RoutingType", value("SkillsBased")),
                ("RoutingModel", value("LeastActive")),
            ],
        ),
        w.op(
            "SkillRequirement",
            &[
                ("RelatedRecordId", engine::result_of(0).into()),
                ("SkillId", french.into()),
                ("SkillLevel", Value::Double(8.0)),
            ],
        ),
    ];
    let results = w.save_as(administrator(), ops, true);
    let request = results[0].as_ref().unwrap().id;
    assert!(results[1].is_ok());
    w.update(request, &[("IsReadyForRouting", true.into())]);
    assert!(w.works(case).is_empty());
    skilled_up(&mut w, anna, 9.0);
    assert_eq!(w.get(w.works(case)[0], "UserId"), anna.into());
}

fn skilled_up(w: &mut World, user: RecordId, level: f64) {
    let resource = w.find("ServiceResource", "RelatedRecordId", user)[0];
    let row = w.find("ServiceResourceSkill", "ServiceResourceId", resource)[0];
    w.update(row, &[("SkillLevel", Value::Double(level))]);
}
