//! A Kubernetes Secret as `kubectl get secret NAME -o yaml` (or `-o json`) prints it: PEM in base64 under `data`, or
//! plain under `stringData`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::content::Foreign;

/// The entries that hold a chain, a key or a CA, in this order.
const ENTRIES: [&str; 3] = ["tls.crt", "tls.key", "ca.crt"];

/// An entry's name and content.
pub type Entry = (String, Vec<u8>);

/// The entries of a Secret with their contents; None if the text is none, or of another type.
pub fn secret(text: &[u8]) -> Option<Result<Vec<Entry>, Foreign>> {
    let entries = match text.trim_ascii_start().first()? {
        b'{' => from_json(text)?,
        _ => from_yaml(std::str::from_utf8(text).ok()?)?,
    };
    let decoded = entries.into_iter().map(|(name, content)| match content {
        Content::Plain(text) => Ok((name, text.into_bytes())),
        Content::Base64(text) => match STANDARD.decode(text.split_whitespace().collect::<String>()) {
            Ok(bytes) => Ok((name, bytes)),
            Err(error) => {
                Err(Foreign { what: format!("its entry {name} is not base64: {error}"), remedy: "" })
            }
        },
    });
    Some(decoded.collect())
}

enum Content {
    Base64(String),
    Plain(String),
}

fn from_json(text: &[u8]) -> Option<Vec<(String, Content)>> {
    let document: Value = serde_json::from_slice(text).ok()?;
    if document["kind"] != "Secret" {
        return None;
    }
    let found = ENTRIES.iter().filter_map(|name| {
        let content = |map: &str| Some(document.get(map)?.get(name)?.as_str()?.to_owned());
        let content =
            content("data").map(Content::Base64).or_else(|| content("stringData").map(Content::Plain));
        Some(((*name).to_owned(), content?))
    });
    Some(found.collect::<Vec<_>>()).filter(|found| !found.is_empty())
}

/// Of YAML what a Secret is written in: keys at the first level, and under `data` and `stringData` one entry a line,
/// or a block (`|`) of deeper lines.
fn from_yaml(text: &str) -> Option<Vec<(String, Content)>> {
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#')).peekable();
    let (mut section, mut is_secret, mut found) = ("", false, Vec::new());
    while let Some(line) = lines.next() {
        let depth = indent(line);
        let Some((key, value)) = line.trim().split_once(':') else { continue };
        let (key, value) = (unquoted(key.trim()), value.trim());
        if depth == 0 {
            section = key;
            is_secret |= key == "kind" && unquoted(value) == "Secret";
            continue;
        }
        if !matches!(section, "data" | "stringData") || !ENTRIES.contains(&key) {
            continue;
        }
        let content = match value.starts_with(['|', '>']) {
            true => {
                let mut block = String::new();
                while let Some(deeper) = lines.next_if(|next| next.trim().is_empty() || indent(next) > depth)
                {
                    block.push_str(deeper.trim());
                    block.push('\n');
                }
                block
            }
            false => unquoted(value).replace("\\n", "\n"),
        };
        let content = if section == "data" { Content::Base64(content) } else { Content::Plain(content) };
        found.push((key.to_owned(), content));
    }
    found.sort_by_key(|(name, _)| ENTRIES.iter().position(|known| known == name));
    (is_secret && !found.is_empty()).then_some(found)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_its_forms() {
        let wanted =
            vec![("tls.crt".to_owned(), b"chain".to_vec()), ("tls.key".to_owned(), b"key\nend\n".to_vec())];
        for text in [
            "apiVersion: v1\ndata:\n  tls.crt: Y2hhaW4=\n  tls.key: a2V5CmVuZAo=\nkind: Secret\nmetadata:\n  name: x\n",
            "# made by hand\nkind: \"Secret\"\ndata:\n    \"tls.key\": |\n      a2V5\n      CmVuZAo=\n    tls.crt: 'Y2hhaW4='\n",
            "kind: Secret\nstringData:\n  tls.crt: chain\n  tls.key: |\n    key\n    end\n",
            r#"{"kind": "Secret", "data": {"tls.crt": "Y2hhaW4=", "tls.key": "a2V5CmVuZAo="}}"#,
            r#"{"kind": "Secret", "stringData": {"tls.crt": "chain", "tls.key": "key\nend\n"}}"#,
        ] {
            assert_eq!(secret(text.as_bytes()).unwrap().unwrap(), wanted, "{text}");
        }
        for text in [
            "",
            "kind: ConfigMap\ndata:\n  tls.crt: Y2hhaW4=\n",
            "kind: Secret\ndata:\n  password: x\n",
            "metadata:\n  tls.crt: x\nkind: Secret\n",
            r#"{"kind": "Secret"}"#,
            "[1]",
        ] {
            assert!(secret(text.as_bytes()).is_none(), "{text}");
        }
        let error = secret(b"kind: Secret\ndata:\n  tls.crt: '!'\n").unwrap().unwrap_err();
        assert!(error.what.contains("tls.crt is not base64"), "{error:?}");
    }
}
