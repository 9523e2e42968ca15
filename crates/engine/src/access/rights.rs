//! From profile and permission sets to [`Rights`].
//!
//! Rules: permissions add up over the profile and all sets. Objects of configuration may be read by
//! everybody and written with the permission of their kind; shares go by the object that is shared; all
//! other objects go by ObjectPermissions.
//! A field is hidden or locked only if FieldPermissions rows name it and none of the user's sets grants it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{FieldIx, ObjectIx, Record, RecordId};

use super::{Rights, SUPERVISOR};
use crate::engine::Engine;

/// Profile and permission sets of a user: users with the same share their rights.
pub(crate) type RightsKey = (Option<RecordId>, Vec<RecordId>);

/// Makes rights, each combination once. Combinations that are known already come from before.
pub(crate) struct RightsMaker<'a> {
    engine: &'a Engine,
    known: BTreeMap<RightsKey, Arc<Rights>>,
    sets_of: BTreeMap<RecordId, Vec<RecordId>>,
    hidden_set_of: BTreeMap<RecordId, RecordId>,
    /// Read at the first combination that is new.
    sources: Option<Sources<'a>>,
}

/// Everything that rights are made of.
struct Sources<'a> {
    engine: &'a Engine,
    object_rows: BTreeMap<RecordId, Vec<&'a Record>>,
    field_rows: BTreeMap<RecordId, Vec<&'a Record>>,
    access_rows: BTreeMap<RecordId, Vec<RecordId>>,
    /// Fields that some permission set says something about.
    guarded: BTreeSet<(ObjectIx, FieldIx)>,
    names: Vec<(FieldIx, FieldIx, String)>,
    /// Fields of features that this org does not have.
    switched_off: Vec<(ObjectIx, FieldIx)>,
}

/// Features of the original that are off here (objects.md 9).
const OFF: &[&str] = &[
    "divisions",
    "middleNamesAndSuffixes",
    "multicurrency",
    "orgToOrgSharing",
    "personAccounts",
    "statePicklists",
];

impl<'a> RightsMaker<'a> {
    pub fn new(engine: &'a Engine, known: BTreeMap<RightsKey, Arc<Rights>>) -> Self {
        let k = &engine.known;
        let mut maker = Self {
            engine,
            known,
            sets_of: BTreeMap::new(),
            hidden_set_of: BTreeMap::new(),
            sources: None,
        };
        for row in engine.resident.table(k.permission_set.ix).values() {
            if let Some(profile) = row.get(k.permission_set.profile_id).as_id() {
                maker.hidden_set_of.insert(profile, row.id);
            }
        }
        for row in engine.resident.table(k.assignment.ix).values() {
            let pair = (
                row.get(k.assignment.assignee_id).as_id(),
                row.get(k.assignment.permission_set_id).as_id(),
            );
            if let (Some(user), Some(set)) = pair
                && !row.get(k.assignment.is_revoked).is_true()
            {
                maker.sets_of.entry(user).or_default().push(set);
            }
        }
        maker
    }

    /// The rights of a user row.
    pub fn of(&mut self, user: &Record) -> Arc<Rights> {
        let profile = user.get(self.engine.known.user.profile_id).as_id();
        let mut sets = self.sets_of.get(&user.id).cloned().unwrap_or_default();
        sets.extend(profile.and_then(|p| self.hidden_set_of.get(&p)));
        sets.sort_unstable();
        sets.dedup();
        let key = (profile, sets);
        if let Some(rights) = self.known.get(&key) {
            return rights.clone();
        }
        let sources = self
            .sources
            .get_or_insert_with(|| Sources::read(self.engine));
        let rights = Arc::new(sources.make(&key));
        self.known.insert(key, rights.clone());
        rights
    }

    /// All combinations that are known now.
    pub fn into_known(self) -> BTreeMap<RightsKey, Arc<Rights>> {
        self.known
    }
}

impl<'a> Sources<'a> {
    fn read(engine: &'a Engine) -> Self {
        let k = &engine.known;
        let mut all = Self {
            engine,
            object_rows: BTreeMap::new(),
            field_rows: BTreeMap::new(),
            access_rows: BTreeMap::new(),
            guarded: BTreeSet::new(),
            names: Vec::new(),
            switched_off: Vec::new(),
        };
        for (object, def) in engine.catalogue.each() {
            let is_off =
                |f: &model::FieldDef| f.feature.as_deref().is_some_and(|name| OFF.contains(&name));
            let off = def.each_field().filter(|(_, f)| is_off(f));
            all.switched_off
                .extend(off.map(|(field, _)| (object, field)));
        }
        let (profile, set) = (
            engine.catalogue.def(k.profile.ix),
            engine.catalogue.def(k.permission_set.ix),
        );
        for (field, def) in profile.each_field() {
            if let (Some(name), Some(in_set)) =
                (def.name.strip_prefix("Permissions"), set.field(&def.name))
            {
                all.names.push((field, in_set, name.to_owned()));
            }
        }
        for row in engine.resident.table(k.object_permissions.ix).values() {
            if let Some(parent) = row.get(k.object_permissions.parent_id).as_id() {
                all.object_rows.entry(parent).or_default().push(row);
            }
        }
        for row in engine.resident.table(k.field_permissions.ix).values() {
            if let Some(parent) = row.get(k.field_permissions.parent_id).as_id() {
                all.field_rows.entry(parent).or_default().push(row);
            }
            all.guarded.extend(all.field_of(row));
        }
        for row in engine.resident.table(k.entity_access.ix).values() {
            let pair = (
                row.get(k.entity_access.parent_id).as_id(),
                row.get(k.entity_access.entity_id).as_id(),
            );
            if let (Some(parent), Some(entity)) = pair {
                all.access_rows.entry(parent).or_default().push(entity);
            }
        }
        all
    }

    /// `Case.Subject` of a FieldPermissions row.
    fn field_of(&self, row: &Record) -> Option<(ObjectIx, FieldIx)> {
        let (object, field) = row
            .get(self.engine.known.field_permissions.field)
            .as_text()?
            .split_once('.')?;
        let (ix, def) = self.engine.catalogue.find(object)?;
        Some((ix, def.field(field)?))
    }

    fn make(&self, (profile, sets): &RightsKey) -> Rights {
        let k = &self.engine.known;
        let mut rights = Rights::default();
        let profile_row = profile.and_then(|p| self.engine.resident.get(k.profile.ix, p));
        for (in_profile, in_set, name) in &self.names {
            let from_set = |id: &RecordId| {
                let set = self.engine.resident.get(k.permission_set.ix, *id);
                // a profile's own set repeats the profile's permissions
                set.is_some_and(|r| {
                    r.get(*in_set).is_true()
                        && !r.get(k.permission_set.is_owned_by_profile).is_true()
                })
            };
            if profile_row.is_some_and(|r| r.get(*in_profile).is_true())
                || sets.iter().any(from_set)
            {
                rights.permissions.insert(name.clone());
            }
        }
        for set in sets {
            self.add_objects(*set, &mut rights);
            rights.statuses.extend(
                self.access_rows
                    .get(set)
                    .into_iter()
                    .flatten()
                    .filter(|id| self.engine.catalogue.object_of(**id) == Some(k.status.ix)),
            );
        }
        self.add_implied(&mut rights);
        self.add_shares(&mut rights);
        let routing = [k.request.ix, k.work.ix, k.presence.ix];
        let sees_all = routing.iter().all(|o| rights.object(*o).view_all);
        if rights.has("ManageUsers") || rights.has("TransferAnyCase") && sees_all {
            rights.permissions.insert(SUPERVISOR.to_owned());
        }
        self.add_fields(sets, &mut rights);
        rights.hidden.extend(self.switched_off.iter().copied());
        rights
    }

    fn add_objects(&self, set: RecordId, rights: &mut Rights) {
        let k = &self.engine.known.object_permissions;
        for row in self.object_rows.get(&set).into_iter().flatten() {
            let Some(object) = row
                .get(k.sobject_type)
                .as_text()
                .and_then(|n| self.engine.catalogue.object(n))
            else {
                continue;
            };
            let all = rights.objects.entry(object).or_default();
            all.create |= row.get(k.create).is_true();
            all.read |= row.get(k.read).is_true();
            all.edit |= row.get(k.edit).is_true();
            all.delete |= row.get(k.delete).is_true();
            all.view_all |= row.get(k.view_all).is_true();
            all.modify_all |= row.get(k.modify_all).is_true();
        }
    }

    /// What user permissions say about objects.
    fn add_implied(&self, rights: &mut Rights) {
        let has = |p: &str| rights.permissions.contains(p);
        let (view, modify) = (has("ViewAllData"), has("ModifyAllData"));
        let (customize, users, centers) = (
            has("CustomizeApplication"),
            has("ManageUsers"),
            has("ManageCallCenters"),
        );
        for (object, def) in self.engine.catalogue.each() {
            let is_setup = self.engine.shapes.get(object).is_resident;
            let may_set_up = is_setup
                && match def.group.as_str() {
                    "identity" | "users" => users || customize,
                    "voice" => centers || customize,
                    _ => customize,
                };
            let all = rights.objects.entry(object).or_default();
            all.read |= is_setup || view || modify;
            all.view_all |= is_setup || view || modify;
            all.modify_all |= may_set_up || modify && !is_setup;
            all.create |= may_set_up || modify && !is_setup;
            all.edit |= may_set_up || modify && !is_setup;
            all.delete |= may_set_up || modify && !is_setup;
        }
    }

    /// Shares go by the object that is shared: who reads it may read and write its shares. Whether a row may
    /// be shared by this user is asked row by row: that takes full access to it.
    fn add_shares(&self, rights: &mut Rights) {
        let catalogue = &self.engine.catalogue;
        for (parent, def) in catalogue.each() {
            let share = def.associated.share.as_deref();
            let Some(share) = share.and_then(|name| catalogue.object(name)) else {
                continue;
            };
            let of_parent = rights.object(parent);
            let all = rights.objects.entry(share).or_default();
            all.read |= of_parent.read;
            all.create |= of_parent.read;
            all.edit |= of_parent.read;
            all.delete |= of_parent.read;
            all.view_all |= of_parent.view_all;
            all.modify_all |= of_parent.modify_all;
        }
    }

    fn add_fields(&self, sets: &[RecordId], rights: &mut Rights) {
        if self.guarded.is_empty() || rights.has("ModifyAllData") {
            return;
        }
        let k = &self.engine.known.field_permissions;
        let (mut read, mut edit) = (BTreeSet::new(), BTreeSet::new());
        for row in sets.iter().filter_map(|s| self.field_rows.get(s)).flatten() {
            let Some(place) = self.field_of(row) else {
                continue;
            };
            if row.get(k.read).is_true() || row.get(k.edit).is_true() {
                read.insert(place);
            }
            if row.get(k.edit).is_true() {
                edit.insert(place);
            }
        }
        rights.hidden.extend(self.guarded.difference(&read));
        rights.locked.extend(self.guarded.difference(&edit));
    }
}
