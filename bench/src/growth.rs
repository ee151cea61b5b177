//! Lists that grow: a page costs the same wherever it is, and however many there are.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result, ensure};
use on_lambda::{Event, Function};
use serde_json::{Value, json};

use crate::{
    backend::{Backend, ready},
    meter::Meter,
    sample::median,
};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many todos the largest list has
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1000..=1_000_000))]
    most: u32,
    /// Reads of each page; an odd number has a median of its own
    #[arg(long, default_value_t = 201, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
}

/// The todos of a page of the largest size.
const FULL: u32 = 100;

/// A page that is read.
#[derive(Debug, Clone, PartialEq)]
struct PageRead {
    /// How many todos its list has.
    todos: u32,
    /// From 1 on.
    page: u32,
    limit: u32,
}

/// The first pages of ten todos of each list, then first and last pages of a hundred. What is
/// compared with one another has the same number of todos, so that the length of an answer is no
/// difference.
fn page_reads(most: u32) -> Vec<PageRead> {
    let first = [10, 1000, most].map(|todos| PageRead { todos, page: 1, limit: 10 });
    let full = [(1000, 1), (1000, 1000 / FULL), (most, 1), (most, most / FULL)];
    let full = full.map(|(todos, page)| PageRead { todos, page, limit: FULL });
    let mut page_reads = Vec::new();
    for page_read in first.into_iter().chain(full) {
        if !page_reads.contains(&page_read) {
            page_reads.push(page_read);
        }
    }
    page_reads
}

pub(crate) async fn run(functions: &Path, arguments: &Arguments) -> Result<()> {
    let backend = Backend::start(false).await?;
    let began = Instant::now();
    for todos in sizes(arguments.most) {
        let rows = (0..todos).map(|number| row(backend.issuer(), todos, number)).collect();
        let table = backend.environment(false)["TODOS_TABLE"].clone();
        backend.dynamodb.fill(&table, rows).await?;
    }
    println!("lists made in {:.1} s", began.elapsed().as_secs_f64());

    let mut function = backend.function(functions, "todos", false).await?;
    let page_reads = page_reads(arguments.most);
    let mut events = Vec::new();
    for page_read in &page_reads {
        events.push(reach(&backend, &mut function, page_read).await?);
    }
    let mut times = vec![Vec::new(); page_reads.len()];
    for run in 0..arguments.runs {
        let mut turn: Vec<_> = events.iter().zip(&mut times).collect();
        // In turn, so that what else happens on the machine falls on all of them; to and fro, so
        // that none always comes after the same other one.
        if run % 2 == 1 {
            turn.reverse();
        }
        for (event, times) in turn {
            ready(&function).await?;
            let asked = Instant::now();
            let answer = function.invoke(event.clone()).await?;
            times.push(asked.elapsed().as_secs_f64() * 1e3);
            ensure!(answer.status == 200, "it answered {}: {}", answer.status, answer.text());
        }
    }
    let costs = costs(&backend, functions, &events).await?;
    let predicted: Vec<_> =
        page_reads.iter().map(|page_read| page_read.predicted(backend.issuer())).collect();
    print(arguments.runs, &page_reads, times, &costs, &predicted);
    let one = costs.iter().all(|cost| cost.operations == ["Query"]);
    ensure!(one, "a page is one Query: {costs:?}");
    Ok(())
}

fn sizes(most: u32) -> Vec<u32> {
    let mut sizes = vec![10, 1000, most];
    sizes.dedup();
    sizes
}

/// Each list has an owner of its own, who is named after its size. The names are equally long, and
/// so are the rows.
fn owner(todos: u32) -> String {
    format!("owner-of-{todos:07}")
}

/// As `todos` writes them (`functions/todos/src/table/row.rs`).
fn row(issuer: &str, todos: u32, number: u32) -> Value {
    // Of version 7, and larger with the number, as later ones are.
    let id = format!("019a0000-0000-7000-8000-{number:012x}");
    let owner = owner(todos);
    json!({
        "owner_key": { "S": format!("{issuer}#{owner}") },
        "id": { "S": id },
        "todo_id": { "S": id },
        "description": { "S": format!("number {number} of those that there are to do") },
        "completed": { "BOOL": false },
        "owner": { "S": owner },
        "created_at": { "S": "2026-01-31T12:00:00.000Z" },
        "updated_at": { "S": "2026-01-31T12:00:00.000Z" },
        "version": { "N": "1" },
    })
}

/// The size that DynamoDB counts: names and values, in bytes. A number of one digit has 2.
fn size(row: &Value) -> usize {
    let attributes = row.as_object().into_iter().flatten();
    attributes
        .map(|(name, value)| {
            name.len()
                + match &value["S"] {
                    Value::String(text) => text.len(),
                    _ if value["N"].is_string() => 2,
                    _ => 1,
                }
        })
        .sum()
}

impl PageRead {
    /// Read request units by the size of the rows: one for each 4 KB that is begun, as reads are
    /// consistent. A page reads one row more than it has, if there is one, to know of the next.
    fn predicted(&self, issuer: &str) -> usize {
        let left = self.todos - (self.page - 1) * self.limit;
        let rows = left.min(self.limit + 1) as usize;
        (rows * size(&row(issuer, self.todos, 0))).div_ceil(4096)
    }
}

/// Walks to a page as a client does, from cursor to cursor, and gives the request that reads it.
async fn reach(backend: &Backend, function: &mut Function, page_read: &PageRead) -> Result<Event> {
    let event = |cursor: &str| {
        let owner = owner(page_read.todos);
        Event::get("/api/todos")
            .query(&format!("owner={owner}&limit={}{cursor}", page_read.limit))
            .header("authorization", &backend.authorization())
    };
    let mut here = event("");
    for page in 1..=page_read.page {
        let answer = function.invoke(here.clone()).await?;
        ensure!(answer.status == 200, "it answered {}: {}", answer.status, answer.text());
        let answer = answer.json();
        let length = answer["items"].as_array().map(Vec::len);
        ensure!(
            length == Some(page_read.limit as usize),
            "page {page} of {page_read:?} has {length:?}"
        );
        if page < page_read.page {
            let next = answer["next"].as_str().with_context(|| format!("no page after {page}"))?;
            here = event(&format!("&cursor={next}"));
        }
    }
    Ok(here)
}

/// What one page asks of DynamoDB.
#[derive(Debug)]
struct Cost {
    operations: Vec<String>,
    /// Read request units together; none where the emulator does not say.
    units: Option<f64>,
}

/// By an instance of its own: its requests go a longer way, which is not to be timed.
async fn costs(backend: &Backend, functions: &Path, events: &[Event]) -> Result<Vec<Cost>> {
    let mut environment = backend.environment(false);
    let meter = Meter::in_front_of(&environment["AWS_ENDPOINT_URL_DYNAMODB"]).await?;
    environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), meter.endpoint().to_owned());
    let mut function = Function::spawn(&functions.join("todos"), environment).await?;
    // What it reads before its first event is no page's.
    ready(&function).await?;
    meter.take();
    let mut costs = Vec::new();
    for event in events {
        function.invoke(event.clone()).await?;
        ready(&function).await?;
        let reads = meter.take();
        let units = reads.iter().map(|read| read.units).sum();
        costs.push(Cost {
            operations: reads.into_iter().map(|read| read.operation).collect(),
            units,
        });
    }
    Ok(costs)
}

fn print(
    runs: u16,
    page_reads: &[PageRead],
    times: Vec<Vec<f64>>,
    costs: &[Cost],
    predicted: &[usize],
) {
    println!(
        "todos over plain HTTP: medians of {runs} reads, and multiples of the first page with the \
         same limit"
    );
    println!(
        "{:>8} {:>6} {:>6} {:>8} {:>7} {:>9} {:>11} {:>10}",
        "todos", "limit", "page", "ms", "", "requests", "read units", "predicted"
    );
    let medians: Vec<_> = times.into_iter().map(median).collect();
    for (((page_read, time), cost), predicted) in
        page_reads.iter().zip(&medians).zip(costs).zip(predicted)
    {
        let first = page_reads.iter().position(|other| other.limit == page_read.limit);
        let ratio = time / first.map_or(*time, |first| medians[first]);
        let units = cost.units.map_or_else(|| "?".to_owned(), |units| units.to_string());
        println!(
            "{:>8} {:>6} {:>6} {time:>8.2} {ratio:>6.2}x {:>9} {units:>11} {predicted:>10}",
            page_read.todos,
            page_read.limit,
            page_read.page,
            cost.operations.len(),
        );
    }
    println!(
        "target: within 5 %, one request; read units as the emulator says, predicted from the size \
         of the rows"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_of_a_hundred_thousand_is_page_1000() {
        let last = PageRead { todos: 100_000, page: 1000, limit: 100 };
        assert_eq!(page_reads(100_000).last(), Some(&last));
    }

    #[test]
    fn a_unit_is_for_each_4_kb_of_the_rows_that_a_page_reads() {
        let issuer = "https://login.example";
        let each = size(&row(issuer, 1000, 0));
        let page = |page| PageRead { todos: 1000, page, limit: 100 }.predicted(issuer);
        assert_eq!(page(1), (101 * each).div_ceil(4096));
        // The last one has no row after it.
        assert_eq!(page(10), (100 * each).div_ceil(4096));
        assert_eq!(
            size(&json!({ "id": { "S": "four" }, "n": { "N": "1" }, "b": { "BOOL": true } })),
            11
        );
    }

    #[test]
    fn later_todos_have_larger_ids() {
        let id = |number| row("https://login.example", 10, number)["id"]["S"].to_string();
        assert!(id(9) < id(10) && id(99) < id(100_000));
    }

    #[test]
    fn no_list_is_made_or_read_twice() {
        assert_eq!(sizes(1000), [10, 1000]);
        let page_reads = page_reads(1000);
        let twice = |page_read| page_reads.iter().filter(|other| *other == page_read).count() > 1;
        assert!(!page_reads.iter().any(twice), "{page_reads:?}");
    }
}
