use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use session::Sessions;

use crate::table::Table;

/// A DynamoDB that answers what it is told to: the emulator's transactions never meet.
pub(crate) struct ScriptedTable {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl ScriptedTable {
    /// Gives these answers, one after the other, and the last one for ever.
    pub(crate) fn answering(answers: &[(u16, &str)]) -> Self {
        let answers: Vec<(u16, String)> =
            answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let (mut line, mut length, mut operation) = (String::new(), 0, String::new());
                while stream.read_line(&mut line).unwrap() > 2 {
                    let (name, value) = line.trim().split_once(": ").unwrap_or_default();
                    match name.to_ascii_lowercase().as_str() {
                        "content-length" => length = value.parse().unwrap(),
                        "x-amz-target" => {
                            value.split('.').next_back().unwrap().clone_into(&mut operation);
                        }
                        _ => {}
                    }
                    line.clear();
                }
                stream.read_exact(&mut vec![0; length]).unwrap();
                let count = {
                    let mut asked = log.lock().unwrap();
                    asked.push(operation);
                    asked.len()
                };
                let (status, body) = &answers[(count - 1).min(answers.len() - 1)];
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n"
                );
                write!(stream.get_mut(), "{head}\r\n{body}").unwrap();
            }
        });
        Self { address, asked }
    }

    pub(crate) fn sessions(&self) -> Sessions {
        Table::sessions_at(&self.address)
    }

    /// The operations that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}
