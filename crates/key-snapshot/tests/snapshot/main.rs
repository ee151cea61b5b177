//! Who may write, and what is read, against the embedded DynamoDB.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

use std::time::{Duration, SystemTime};

use auth::ProviderConfig;
use key_snapshot::{Claim, Document, Lease, Snapshot, Snapshots};
use local_aws::LocalDynamoDb;
use outbound::{Outbound, Timeouts};
use settings::Environment;

const ISSUER: &str = "https://login.example/v2.0";
const METADATA: &str = "https://login.example/v2.0/.well-known/openid-configuration";

struct Fixture {
    dynamodb: LocalDynamoDb,
    now: SystemTime,
}

impl Fixture {
    async fn new() -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000);
        Self { dynamodb: LocalDynamoDb::in_memory().await.unwrap(), now }
    }

    fn of(&self, provider: &ProviderConfig) -> Snapshots {
        let environment = Environment::of(self.dynamodb.environment());
        let client = Outbound::with_timeouts(&environment, Timeouts::NONE)
            .unwrap()
            .dynamodb(&environment)
            .unwrap();
        Snapshots::new(client, environment.text("KEYS_TABLE").unwrap().to_owned(), provider)
    }

    fn snapshots(&self) -> Snapshots {
        self.of(&ProviderConfig::new(ISSUER.parse().unwrap()))
    }

    fn after(&self, seconds: u64) -> SystemTime {
        self.now + Duration::from_secs(seconds)
    }

    async fn claim(&self, name: &str, after: u64) -> Claim {
        self.snapshots().claim(name.to_owned(), self.after(after)).await.unwrap()
    }

    async fn granted(&self, name: &str, after: u64) -> Lease {
        match self.claim(name, after).await {
            Claim::Granted(lease) => lease,
            other => panic!("{other:?}"),
        }
    }
}

fn fetched(fetched_at: SystemTime) -> Snapshot {
    Snapshot {
        fetched_at,
        metadata_url: METADATA.to_owned(),
        metadata_max_age: Some(Duration::from_hours(24)),
        keys: Document {
            url: "https://login.example/keys".to_owned(),
            body: r#"{"keys":[]}"#.to_owned(),
            max_age: None,
        },
    }
}

#[tokio::test]
async fn what_is_written_is_read() {
    let fixture = Fixture::new().await;
    let snapshots = fixture.snapshots();
    assert_eq!(snapshots.read().await.unwrap(), None);
    let lease = fixture.granted("a", 0).await;
    assert_eq!(snapshots.read().await.unwrap(), None, "a lease is no snapshot");
    assert!(snapshots.store(&lease, &fetched(fixture.now)).await.unwrap());
    assert_eq!(snapshots.read().await.unwrap(), Some(fetched(fixture.now)));
}

#[tokio::test]
async fn one_at_a_time_may_write() {
    let fixture = Fixture::new().await;
    fixture.granted("a", 0).await;
    assert_eq!(fixture.claim("b", 0).await, Claim::Taken);
    assert_eq!(fixture.claim("b", 14).await, Claim::Taken);
}

#[tokio::test]
async fn who_took_too_long_is_taken_over_and_writes_nothing() {
    let fixture = Fixture::new().await;
    let first = fixture.granted("a", 0).await;
    let second = fixture.granted("b", 15).await;
    assert!(!fixture.snapshots().store(&first, &fetched(fixture.now)).await.unwrap());
    assert_eq!(fixture.snapshots().read().await.unwrap(), None);
    assert!(fixture.snapshots().store(&second, &fetched(fixture.after(15))).await.unwrap());
    assert!(!fixture.snapshots().store(&second, &fetched(fixture.now)).await.unwrap(), "used up");
}

#[tokio::test]
async fn the_provider_is_left_alone_for_half_a_minute() {
    let fixture = Fixture::new().await;
    let lease = fixture.granted("a", 0).await;
    fixture.snapshots().store(&lease, &fetched(fixture.now)).await.unwrap();
    assert_eq!(fixture.claim("b", 0).await, Claim::Recent);
    assert_eq!(fixture.claim("b", 29).await, Claim::Recent);
    fixture.granted("b", 30).await;
}

/// By a clock that was ahead. It must not keep everybody out until then.
#[tokio::test]
async fn times_far_in_the_future_keep_nobody_out() {
    let fixture = Fixture::new().await;
    let lease = fixture.granted("a", 100_000).await;
    fixture.snapshots().store(&lease, &fetched(fixture.after(100_000))).await.unwrap();
    fixture.granted("b", 0).await;

    let fixture = Fixture::new().await;
    fixture.granted("a", 100_000).await;
    fixture.granted("b", 0).await;
}

#[tokio::test]
async fn a_copy_from_another_metadata_address_is_none() {
    let fixture = Fixture::new().await;
    let lease = fixture.granted("a", 0).await;
    fixture.snapshots().store(&lease, &fetched(fixture.now)).await.unwrap();
    let mut provider = ProviderConfig::new(ISSUER.parse().unwrap());
    provider.metadata_url = Some("https://elsewhere.example/metadata".parse().unwrap());
    assert_eq!(fixture.of(&provider).read().await.unwrap(), None);
}

#[tokio::test]
async fn issuers_have_copies_of_their_own() {
    let fixture = Fixture::new().await;
    let lease = fixture.granted("a", 0).await;
    fixture.snapshots().store(&lease, &fetched(fixture.now)).await.unwrap();
    let other = fixture.of(&ProviderConfig::new("https://other.example".parse().unwrap()));
    assert_eq!(other.read().await.unwrap(), None);
    let claimed = other.claim("b".to_owned(), fixture.now).await.unwrap();
    assert!(matches!(claimed, Claim::Granted(_)));
}

#[tokio::test]
async fn a_table_that_is_away_is_said_to_be() {
    let fixture = Fixture::new().await;
    let snapshots = fixture.snapshots();
    fixture.dynamodb.pause().await;
    let error = snapshots.read().await.unwrap_err().to_string();
    assert!(error.starts_with("the keys table cannot be used"), "{error}");
    assert!(snapshots.claim("a".to_owned(), fixture.now).await.is_err());
}
