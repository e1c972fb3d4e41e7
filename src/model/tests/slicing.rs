//! Services that a scenario cannot tell apart are one (D6): the verdicts are those of finer slices.

use super::build;
use super::random::{Shape, Small, cases, scenarios};
use crate::check::{self, Assignment, Completeness, Options};
use crate::model::instance::Instance;
use crate::model::{Maintenance, slice};
use crate::runbook::Command;
use crate::scenario::{Faults, Initially, Scenario};
use crate::topology::services::{CATALOGUE, Service};
use crate::topology::{PoolId, ServerId, ServiceSet};
use proptest::prelude::*;

/// The slice as it is, with these services told apart from all others besides.
fn finer(scenario: &Scenario, apart: &[&str]) -> Maintenance {
    let mut distinctions = slice::distinctions(scenario);
    distinctions.extend(apart.iter().map(|name| ServiceSet::named(&[name])));
    Maintenance::of(Instance::telling_apart(scenario, &distinctions))
}

type Verdicts = Vec<(String, bool, Vec<Assignment>)>;

/// The verdicts of a model, unless it has more states than so many.
fn verdicts(model: &Maintenance, max_states: usize) -> Option<Verdicts> {
    let options = Options { max_states: Some(max_states), threads: Some(1), ..Options::default() };
    let outcome = check::run(model, &options, &()).unwrap();
    let parameters = check::Packed::parameters(model);
    let verdict = |result: &check::PropertyResult<_, _>| {
        let when = check::cover(&result.violated_when(), &parameters);
        (result.property.name.clone(), result.holds(), when)
    };
    (outcome.completeness == Completeness::Complete).then(|| outcome.properties.iter().map(verdict).collect())
}

proptest! {
    #![proptest_config(cases(10))]

    #[test]
    fn a_finer_slice_gives_the_same_verdicts(
        Small(scenario) in scenarios(Shape { front_ends: 2..=4, items: 3, gates: false, ..Shape::FULL }),
        apart in proptest::sample::subsequence(vec!["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU", "RTCIMMCU", "RTCMEDSRV"], 1..=2),
    ) {
        let Some(sliced) = verdicts(&Maintenance::new(&scenario), 500) else { return Ok(()) };
        let model = finer(&scenario, &apart);
        if let Some(finer) = verdicts(&model, 2_000) {
            prop_assert_eq!(sliced, finer);
        }
    }

    #[test]
    fn finer_slices_of_pairs_give_the_same_verdicts(
        Small(scenario) in scenarios(Shape { items: 2, gates: false, open: 0.1, ..Shape::PAIRS }),
        apart in proptest::sample::subsequence(vec!["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU", "REPLICA", "LYNCBACKUP"], 1..=2),
    ) {
        let Some(sliced) = verdicts(&Maintenance::new(&scenario), 400) else { return Ok(()) };
        let model = finer(&scenario, &apart);
        if model.words > 16 {
            return Ok(());
        }
        if let Some(finer) = verdicts(&model, 2_000) {
            prop_assert_eq!(sliced, finer);
        }
    }

    #[test]
    fn every_service_on_its_own_gives_the_same_verdicts(
        Small(scenario) in scenarios(Shape { front_ends: 2..=3, items: 2, gates: false, other_roles: false, open: 0.1, paired: 0.0 }),
    ) {
        let Some(sliced) = verdicts(&Maintenance::new(&scenario), 200) else { return Ok(()) };
        let all: Vec<&str> = CATALOGUE.iter().map(|row| row.name).collect();
        let model = finer(&scenario, &all);
        prop_assert!(model.instance().groups.len() > Maintenance::new(&scenario).instance().groups.len());
        if model.words > 16 {
            return Ok(());
        }
        if let Some(finer) = verdicts(&model, 2_000) {
            prop_assert_eq!(sliced, finer);
        }
    }
}

/// A Mediation service must not be in use on a front end whose pool is stopped, whether it is told apart or not.
#[test]
fn a_stopped_pool_holds_all_that_users_connect_to() {
    let restart = Command::Restart { server: ServerId(2), wait: false };
    let mut scenario =
        build::scenario(build::pool_of(3), vec![build::free("one", &[restart], None)], Faults::default());
    scenario.initially = vec![Initially::PoolStopped(PoolId(0))];
    let sliced = verdicts(&Maintenance::new(&scenario), 10_000);
    assert!(sliced.is_some());
    assert_eq!(sliced, verdicts(&finer(&scenario, &["RTCMEDSRV"]), 10_000));
}

#[test]
fn a_slice_tells_apart_exactly_what_the_scenario_does() {
    let set = |names: &[&str]| ServiceSet::named(names);
    let installed = set(&["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU", "RTCASMCU"]);
    let groups = slice::groups(installed, &[set(&["RTCAVMCU"]), set(&["FabricHostSvc"]).with_dependents()]);
    let found: Vec<ServiceSet> = groups.iter().map(|group| group.services).collect();
    assert_eq!(found, [set(&["W3SVC", "RTCASMCU"]), set(&["FabricHostSvc", "RTCSRV"]), set(&["RTCAVMCU"])]);
    assert!(groups[1].fabric && groups[1].registrar && !groups[0].fabric);
    assert!(groups[0].talks && groups[2].talks && !groups[1].talks);
    let one = slice::groups(installed, &[]);
    assert_eq!(one.len(), 1);
    assert!(installed.iter().all(|service: Service| one[0].services.contains(service)));
}
