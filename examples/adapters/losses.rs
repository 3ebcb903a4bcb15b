//! Losses in Rust for `refmath check --exec`: one request a line comes in, one answer a line goes out.
//!
//!     rustc -O -o losses-rust losses.rs
//!
//! To add a function, write it and give it a line in FUNCTIONS; what follows that table need not be touched.
use std::io::{self, BufRead, Write};

/// Numbers row by row; a single number has no axes.
struct Tensor {
    shape: Vec<usize>,
    data: Vec<f64>,
}
type Answer = Result<Tensor, String>;

fn sigmoid(inputs: &[Tensor]) -> Answer {
    let x = &inputs[0];
    // From -710 down exp overflows to infinity, which gives 0 for what is no normal number any more.
    Ok(Tensor { shape: x.shape.clone(), data: x.data.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect() })
}

fn softmax_wrong_on_purpose(inputs: &[Tensor]) -> Answer {
    let a = &inputs[0];
    let mut data = Vec::new();
    for row in rows(a)? {
        // WRONG, on purpose: the largest logit is not subtracted first, so that exp overflows from 710 on.
        let sum: f64 = row.iter().map(|a_k| a_k.exp()).sum();
        data.extend(row.iter().map(|a_k| a_k.exp() / sum));
    }
    Ok(Tensor { shape: a.shape.clone(), data })
}

fn softmax_cross_entropy_labels(inputs: &[Tensor]) -> Answer {
    let (a, labels) = (&inputs[0], &inputs[1]);
    let mut total = 0.0;
    let rows = rows(a)?;
    if labels.shape != a.shape[..a.shape.len() - 1] {
        return Err("labels must hold one label for each sample".into());
    }
    for (row, &label) in rows.zip(&labels.data) {
        if !(label >= 0.0 && label < row.len() as f64 && label.fract() == 0.0) {
            return Err("labels must be integers from 0 to K - 1".into());
        }
        let top = (0..row.len()).fold(0, |top, k| if row[k] > row[top] { k } else { top });
        // The largest logit's exponential is the 1 of ln_1p: near certainty the others would be lost beside it.
        let others: f64 = (0..row.len()).filter(|&k| k != top).map(|k| (row[k] - row[top]).exp()).sum();
        // An infinite logit has no softmax: its difference from itself is nan.
        total += row[top] - row[label as usize] + (row[top] - row[top]) + others.ln_1p();
    }
    Ok(Tensor { shape: vec![], data: vec![total / labels.data.len() as f64] })
}

/// The samples of a tensor of shape (K,) or (N, K).
fn rows(a: &Tensor) -> Result<std::slice::Chunks<'_, f64>, String> {
    match a.shape[..] {
        [k] | [_, k] => Ok(a.data.chunks(k)),
        _ => Err("a must have one or two axes".into()),
    }
}

const FUNCTIONS: &[(&str, &[&str], fn(&[Tensor]) -> Answer)] = &[
    ("sigmoid", &["x"], sigmoid),
    ("softmax", &["a"], softmax_wrong_on_purpose),
    ("softmax_cross_entropy_labels", &["a", "labels"], softmax_cross_entropy_labels),
];

// ---- The protocol. This is no JSON parser: a request's keys and their order are fixed, so they can be looked for.

/// The text from the value of a key on.
fn after<'a>(text: &'a str, key: &str) -> Result<&'a str, String> {
    let (_, rest) = text.split_once(&format!("\"{key}\"")).ok_or(format!("there is no {key} where it should be"))?;
    Ok(rest.trim_start_matches([' ', ':']))
}

/// The string that is the value of a key.
fn name<'a>(text: &'a str, key: &str) -> Result<&'a str, String> {
    after(text, key)?.split('"').nth(1).ok_or(format!("{key} is no string"))
}

/// The numbers of the list that is the value of a key; parse knows nan, inf and -inf too.
fn numbers<T: std::str::FromStr>(text: &str, key: &str) -> Result<Vec<T>, String> {
    let list = after(text, key)?.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (entries, _) = list.ok_or(format!("{key} is no list"))?;
    let entries = entries.split(',').map(|entry| entry.trim_matches([' ', '"'])).filter(|entry| !entry.is_empty());
    entries.map(|entry| entry.parse().map_err(|_| format!("{key} holds something that is no number"))).collect()
}

fn tensor(text: &str) -> Answer {
    let read = Tensor { shape: numbers(text, "shape")?, data: numbers(text, "data")? };
    let size = read.shape.iter().try_fold(1usize, |size, &axis| size.checked_mul(axis));
    if size != Some(read.data.len()) || read.data.is_empty() {
        return Err("an input is empty or misshapen".into());
    }
    Ok(read)
}

fn written(value: f64) -> String {
    match value {
        value if value.is_finite() => format!("{value:?}"),
        value => format!("\"{}\"", value.to_string().to_lowercase()),
    }
}

fn answer(request: &str) -> Result<String, String> {
    let formula = name(request, "formula")?;
    let Some((_, names, compute)) = FUNCTIONS.iter().find(|(known, ..)| *known == formula) else {
        return Ok("\"unsupported\": true".into());
    };
    let inputs = after(request, "inputs")?;
    let dtype = name(after(inputs, names[0])?, "dtype")?;
    if dtype.ends_with("float16") {
        return Ok("\"unsupported\": true".into());
    }
    let out = compute(&names.iter().map(|name| tensor(after(inputs, name)?)).collect::<Result<Vec<_>, _>>()?)?;
    // Single precision is computed in double and rounded once; integers give doubles.
    let single = dtype == "float32";
    let data: Vec<_> = out.data.iter().map(|&v| written(if single { f64::from(v as f32) } else { v })).collect();
    let (dtype, shape, data) = (if single { dtype } else { "float64" }, out.shape, data.join(", "));
    Ok(format!("\"output\": {{\"dtype\": \"{dtype}\", \"shape\": {shape:?}, \"data\": [{data}]}}"))
}

fn main() -> io::Result<()> {
    let mut line = Vec::new();
    while io::stdin().lock().read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let body = answer(&text).unwrap_or_else(|wrong| format!("\"error\": {wrong:?}"));
        if text.contains("\"hello\"") && !text.contains("\"formula\"") {
            println!("{{\"hello\": {{\"protocol\": 1, \"name\": \"losses in Rust\"}}}}");
        } else {
            let id = after(&text, "id").unwrap_or("");
            let end = id.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(id.len());
            println!("{{\"id\": {}, {body}}}", if end > 0 { &id[..end] } else { "null" });
        }
        io::stdout().flush()?; // the next request comes only after this answer
        line.clear();
    }
    Ok(())
}
