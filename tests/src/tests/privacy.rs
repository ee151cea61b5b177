//! What others may keep of what they carried: nothing that is somebody's.

use crate::{answer::Answer, api::Api, scene::Scene, trial::trials};
use anyhow::Result;

trials! {
    nothing_that_is_somebodys_may_be_kept_by_a_cache
        tries "Find personal data in a shared cache",
    the_page_itself_is_the_same_for_everybody
        tries "Find personal data in the page",
}

async fn nothing_that_is_somebodys_may_be_kept_by_a_cache(scene: &Scene) -> Result<()> {
    let session = Api::session(scene).await?;
    for path in ["/session", "/api/todos", "/signin", "/callback?code=c&state=s"] {
        let answer = Answer::to(session.get(path)).await?;
        assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    }
    Ok(())
}

async fn the_page_itself_is_the_same_for_everybody(scene: &Scene) -> Result<()> {
    let session = Api::session(scene).await?;
    let theirs = Answer::to(session.get("/")).await?.is(200);
    let anybodys = Answer::to(scene.client.get("/")).await?.is(200);
    assert_eq!(theirs.body, anybodys.body);
    Ok(())
}
