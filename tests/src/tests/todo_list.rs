//! The todo list on the page.

use crate::{browser::by, login, person::Person, test_context::TestContext, trial::trials};
use anyhow::Result;
use serde_json::json;

trials! {
    a_person_keeps_a_list on any_page,
    a_second_person_sees_none_of_it on any_page needs SignIn
        tries "Another user's list",
    a_change_elsewhere_is_shown_and_not_overwritten on any_page,
    a_description_that_will_not_do_is_said_at_the_field on any_page,
    a_deleted_todo_comes_back_as_it_was,
    a_deletion_is_not_lost_with_the_page,
    a_deletion_that_is_being_sent_is_not_sent_again,
    another_user_does_not_see_what_was_deleted needs SignIn,
    the_list_can_be_filtered_and_cleared,
    a_change_elsewhere_appears_when_one_comes_back,
    markup_in_a_description_is_text on any_page
        tries "Script in a todo",
}

async fn a_person_keeps_a_list(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    for number in 1..=30 {
        page.add(&format!("todo {number}")).await?;
    }
    page.reload().await?;
    page.listed().await?;
    assert_eq!(page.todos().await?.len(), 25, "a page of todos");
    assert_eq!(page.todos().await?[0], "todo 30");
    page.load_more().await?;
    assert!(page.todos().await?.contains(&"todo 5".to_owned()));

    page.edit("todo 30", "todo thirty").await?;
    page.toggle("todo 29").await?;
    page.delete("todo 28").await?;

    page.reload().await?;
    page.has("todo thirty").await?;
    assert!(page.is_completed("todo 29").await?);
    assert!(!page.is_completed("todo thirty").await?);
    let todos = page.todos().await?;
    assert!(!todos.contains(&"todo 28".to_owned()) && !todos.contains(&"todo 30".to_owned()));

    page.sign_out(&person).await?;
    page.sign_in(&person).await?;
    page.has("todo thirty").await?;
    assert!(page.is_completed("todo 29").await?);
    Ok(())
}

async fn a_deletion_that_is_being_sent_is_not_sent_again(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    page.add("to be deleted").await?;
    page.delete("to be deleted").await?;
    // A second deletion would be a 404 in the console.
    let dismiss_and_sign_out = "document.querySelector(arguments[0]).click();
        document.querySelector(arguments[1]).click()";
    let buttons = [json!(by("notice-dismiss")), json!(by("sign-out"))];
    page.browser.script(dismiss_and_sign_out, &buttons).await?;
    page.browser.loses(&by("sign-out")).await?;
    login::walk(&page.browser, test.target(), &person).await?;
    page.browser.sees(&by("signed-out")).await
}

async fn a_second_person_sees_none_of_it(test: &TestContext) -> Result<()> {
    let (ada, grace) = (Person::new(test.target()), Person::known(test.target(), 1));
    let first = test.signed_in(&ada).await?;
    first.add("for my eyes only").await?;
    let second = test.signed_in(&grace).await?;
    assert!(!second.todos().await?.contains(&"for my eyes only".to_owned()));

    // And in the same browser after the first one left, drafts included.
    first.browser.fill(&by("new-todo"), "a draft of mine").await?;
    first.sign_out(&ada).await?;
    first.sign_in(&grace).await?;
    assert!(!first.todos().await?.contains(&"for my eyes only".to_owned()));
    let draft = "return document.querySelector(arguments[0]).value";
    assert_eq!(first.browser.script(draft, &[json!(by("new-todo"))]).await?, "");
    Ok(())
}

async fn a_change_elsewhere_is_shown_and_not_overwritten(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let here = test.signed_in(&person).await?;
    here.add("as it was").await?;
    let there = test.signed_in(&person).await?;
    there.edit("as it was", "as they made it").await?;

    here.browser.forgive("status of 412");
    here.try_to_edit("as it was", "as I would have it").await?;
    here.has_in_list("as they made it").await?;
    here.browser.sees(&by("error")).await?;
    let kept = "return document.querySelector(arguments[0]).value";
    let kept = here.browser.script(kept, &[json!(by("todo-edit-input"))]).await?;
    assert_eq!(kept, "as I would have it", "what was typed is lost");
    here.browser.click(&by("todo-save")).await?;
    here.browser.loses(&by("todo-edit-input")).await?;
    here.has("as I would have it").await
}

async fn a_description_that_will_not_do_is_said_at_the_field(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    page.browser.fill(&by("new-todo"), "   ").await?;
    page.browser.click(&by("add-todo")).await?;
    page.browser.sees(&by("error")).await?;
    let invalid = "return document.querySelector(arguments[0]).getAttribute('aria-invalid')";
    assert_eq!(page.browser.script(invalid, &[json!(by("new-todo"))]).await?, "true");
    page.add("now it will do").await
}

async fn markup_in_a_description_is_text(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    let hostile = "<img src=x onerror=alert(1)> <script>alert(2)</script> {{7*7}} &amp;";
    page.add(hostile).await?;
    page.reload().await?;
    page.has(hostile).await
}

async fn a_deleted_todo_comes_back_as_it_was(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    for todo in ["first", "second", "third"] {
        page.add(todo).await?;
    }
    page.toggle("second").await?;
    let id = page.row("second").await?;
    page.delete("second").await?;
    page.delete("third").await?;
    assert_eq!(page.browser.texts("notice-action").await?, ["Undo", "Undo"]);
    page.browser.click(&format!("#toasts li:first-child {}", by("notice-action"))).await?;
    page.has("second").await?;
    assert_eq!(page.todos().await?, ["second", "first"]);
    assert_eq!(page.row("second").await?, id, "it was made anew");
    assert!(page.is_completed("second").await?);
    page.browser.click(&by("notice-dismiss")).await?;
    page.browser.loses(&by("notice")).await?;
    page.reload().await?;
    page.has("second").await?;
    assert_eq!(page.todos().await?, ["second", "first"]);
    Ok(())
}

async fn a_deletion_is_not_lost_with_the_page(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let page = test.signed_in(&person).await?;
    for todo in ["kept", "deleted before a reload", "deleted before a sign-out"] {
        page.add(todo).await?;
    }
    page.delete("deleted before a reload").await?;
    page.reload().await?;
    page.has("kept").await?;
    assert_eq!(page.todos().await?, ["deleted before a sign-out", "kept"]);
    page.delete("deleted before a sign-out").await?;
    page.sign_out(&person).await?;
    let there = test.signed_in(&person).await?;
    there.has("kept").await?;
    assert_eq!(there.todos().await?, ["kept"]);

    // All at once, and one that doesn't arrive.
    for todo in ["one", "two", "three"] {
        there.add(todo).await?;
        there.toggle(todo).await?;
    }
    there.browser.click(&by("clear-completed")).await?;
    there.has_no("one").await?;
    there.reload().await?;
    there.has("kept").await?;
    assert_eq!(there.todos().await?, ["kept"]);
    there.add("sent again").await?;
    there.browser.forgive("Failed to load resource");
    there.browser.block(&["*/api/todos/*"]).await?;
    there.delete("sent again").await?;
    there.reload().await?;
    there.browser.block(&[]).await?;
    there.has("kept").await?;
    assert_eq!(there.todos().await?, ["kept"]);
    let sent = "return !JSON.parse(sessionStorage['tollgate.drafts']).deletions.length";
    there.browser.until("the deletion to be sent again", sent, &[]).await?;
    let elsewhere = test.signed_in(&person).await?;
    elsewhere.has("kept").await?;
    assert_eq!(elsewhere.todos().await?, ["kept"]);
    Ok(())
}

async fn another_user_does_not_see_what_was_deleted(test: &TestContext) -> Result<()> {
    let (ada, grace) = (Person::new(test.target()), Person::known(test.target(), 1));
    let page = test.signed_in(&ada).await?;
    page.add("for my eyes only").await?;
    // The list may be asked for while the other tab signs out.
    page.browser.forgive("status of 401");
    let before = page.browser.tab().await?;
    page.browser.new_tab().await?;
    page.open("/").await?;
    page.listed().await?;
    let other = page.browser.tab().await?;
    page.browser.turn_to(&before).await?;
    page.delete("for my eyes only").await?;
    page.browser.sees(&by("notice")).await?;
    page.browser.turn_to(&other).await?;
    page.sign_out(&ada).await?;
    page.sign_in(&grace).await?;
    page.browser.turn_to(&before).await?;
    page.browser.script("dispatchEvent(new Event('focus'))", &[]).await?;
    page.browser.loses(&by("notice")).await
}

async fn the_list_can_be_filtered_and_cleared(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    for todo in ["one", "two", "three"] {
        page.add(todo).await?;
    }
    page.toggle("two").await?;
    for (filter, shown) in [("open", &["three", "one"][..]), ("done", &["two"])] {
        page.browser.click(&format!("label:has({})", by(&format!("filter-{filter}")))).await?;
        assert_eq!(page.todos().await?, shown, "{filter}");
    }
    page.browser.click(&by("clear-completed")).await?;
    page.has_no("two").await?;
    page.browser.sees(&by("none-match")).await?;
    page.browser.click(&format!("label:has({})", by("filter-all"))).await?;
    assert_eq!(page.todos().await?, ["three", "one"]);
    page.reload().await?;
    page.has("three").await?;
    assert_eq!(page.todos().await?, ["three", "one"]);
    Ok(())
}

async fn a_change_elsewhere_appears_when_one_comes_back(test: &TestContext) -> Result<()> {
    let person = Person::new(test.target());
    let here = test.signed_in(&person).await?;
    for todo in ["to be changed", "to be deleted", "to be edited here"] {
        here.add(todo).await?;
    }
    let there = test.signed_in(&person).await?;
    there.has("to be changed").await?;
    there.edit("to be changed", "changed").await?;
    there.delete("to be deleted").await?;
    there.reload().await?;
    there.add("added").await?;
    here.try_to_edit("to be edited here", "half").await?;
    here.browser.script("dispatchEvent(new Event('focus'))", &[]).await?;
    here.has("added").await?;
    here.has("changed").await?;
    here.has_no("to be deleted").await?;
    here.has("half").await
}
