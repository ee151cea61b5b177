//! More than one page at a time, and back again.

use crate::{
    browser::Browser, login, page::Page, person::Person, test_context::TestContext, trial::trials,
};
use anyhow::{Result, bail};

trials! {
    sign_ins_in_two_tabs_can_be_finished_in_reverse_order on any_page,
    the_back_button_after_a_sign_in_leads_home_and_not_round_again on any_page,
}

/// The second tab must not take the first one's attempt away.
async fn sign_ins_in_two_tabs_can_be_finished_in_reverse_order(test: &TestContext) -> Result<()> {
    let (browser, target) = (test.browser().await?, test.target());
    let person = Person::new(target);
    // Places that no script of the page tidies up.
    let place = |tab: u8| format!("{}/api/openapi.json?tab={tab}", target.origin());
    let first = browser.tab().await?;
    begin(&browser, test, &place(1)).await?;
    let second = browser.new_tab().await?;
    begin(&browser, test, &place(2)).await?;

    for (tab, number) in [(&second, 2), (&first, 1)] {
        browser.turn_to(tab).await?;
        login::walk(&browser, target, &person).await?;
        assert_eq!(browser.url().await?.as_str(), place(number));
    }
    // Both are signed in, as the same person.
    for tab in [&second, &first] {
        browser.turn_to(tab).await?;
        let page = Page::visit(browser.clone(), target).await?;
        assert_eq!(page.user_name().await?, person.name);
    }
    let attempts = browser.all_cookies("__Host-signin-").await?;
    assert!(attempts.is_empty(), "{attempts:?}");
    Ok(())
}

async fn the_back_button_after_a_sign_in_leads_home_and_not_round_again(
    test: &TestContext,
) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    let session = page.session_cookie().await?;
    page.browser.back().await?;
    let mut pages = 0;
    while !login::is_at_app(&page.browser, test.target()).await? {
        pages += 1;
        if pages > 6 {
            bail!("the way back does not end at {}", page.browser.url().await?);
        }
        page.browser.back().await?;
    }
    assert_eq!(page.user_name().await?, person.name, "at {}", page.browser.url().await?);
    assert_eq!(page.session_cookie().await?, session, "the session is another");
    page.add("still here").await
}

/// Begins a sign-in that is to lead to this address.
async fn begin(browser: &Browser, test: &TestContext, place: &str) -> Result<()> {
    let origin = test.target().origin();
    let path = place.trim_start_matches(&origin);
    let encoded: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    browser.goto(&format!("{origin}/signin?return_to={encoded}")).await?;
    browser.sees(login::username_field(test.target())?).await
}
