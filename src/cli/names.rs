//! Arguments that are one name out of a list, so that help, completion and "did you mean" know the list.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use poolproof::lifecycle::{self, Drawing};
use poolproof::report::Format;
use poolproof::scenario::nearest;
use poolproof::scenario::property::PropertyName;
use poolproof::topology::ServiceSet;
use poolproof::topology::services::{CATALOGUE, Service};
use poolproof::verdict::options::{Engine, TellApart};

/// A property by its name.
pub fn property() -> impl TypedValueParser<Value = PropertyName> {
    let names = PropertyName::ALL.iter().map(|property| {
        let description = property.describe();
        PossibleValue::new(description.name).help(description.meaning)
    });
    PossibleValuesParser::new(names)
        .try_map(|name| PropertyName::named(&name).ok_or_else(|| format!("no property is called {name}")))
}

/// A form of report by its name.
pub fn format() -> impl TypedValueParser<Value = Format> {
    one_of(Format::ALL, |format| format.name())
}

/// An engine by its name.
pub fn engine() -> impl TypedValueParser<Value = Engine> {
    one_of(Engine::ALL, |engine| engine.name())
}

fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: impl Fn(T) -> &'static str + Clone + Send + Sync + 'static,
) -> impl TypedValueParser<Value = T> {
    let names = PossibleValuesParser::new(all.iter().map(|value| name(*value)).collect::<Vec<_>>());
    names.try_map(move |wanted| {
        all.iter().copied().find(|value| name(*value) == wanted).ok_or_else(|| format!("{wanted} is not in the list"))
    })
}

/// What to tell apart: all services, one by its name, or servers.
pub fn apart(text: &str) -> Result<TellApart, String> {
    let services = |services| TellApart { services, ..TellApart::default() };
    let names = || CATALOGUE.iter().map(|row| row.name);
    match text {
        "services" => Ok(services(ServiceSet::ALL)),
        "servers" => Ok(TellApart { servers: true, ..TellApart::default() }),
        name => Service::named(name).map(|it| services(ServiceSet::only(it))).ok_or_else(|| {
            match nearest(name, ["services", "servers"].into_iter().chain(names())) {
                Some(meant) => format!("did you mean {meant}?"),
                None => "write services, servers or the name of a service such as RTCSRV".to_owned(),
            }
        }),
    }
}

/// A state machine by its name.
pub fn machine() -> impl TypedValueParser<Value = Drawing> {
    PossibleValuesParser::new(lifecycle::drawings().iter().map(|drawing| drawing.name)).try_map(|wanted| {
        let found = lifecycle::drawings().into_iter().find(|drawing| drawing.name == wanted);
        found.ok_or_else(|| format!("no machine is called {wanted}"))
    })
}
