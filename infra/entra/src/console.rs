use std::io::{self, BufRead as _, Write as _};

/// Who watches, and decides.
pub trait Console: Send + Sync {
    /// Shows text, a line or several.
    fn say(&self, text: &str);

    /// Asks a question that yes or no answers.
    fn confirm(&self, question: &str) -> bool;
}

/// Standard output, and standard input for answers.
#[derive(Debug, Clone, Copy)]
pub struct Terminal;

impl Console for Terminal {
    fn say(&self, text: &str) {
        println!("{text}");
    }

    /// Anything but `y` or `yes` is no, and so is an input that has ended.
    fn confirm(&self, question: &str) -> bool {
        print!("{question} [y/N] ");
        let mut answer = String::new();
        // No answer means no.
        let asked = io::stdout().flush().and_then(|()| io::stdin().lock().read_line(&mut answer));
        asked.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }
}
