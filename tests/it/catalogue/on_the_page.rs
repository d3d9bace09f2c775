//! Every command is typed into the demo's page by the browser's stories, beside both shapes of the application.

use std::{fs, path::Path};

use countersign::operations::catalogue;

/// Stories of the application as it really is are in files that begin so.
const REAL: &str = "real_shape";

#[test]
fn every_command_is_typed_into_the_demos_page_beside_both_shapes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let (mut real, mut runbook) = (String::new(), String::new());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        let text = fs::read_to_string(&path).unwrap();
        let shape = if name.starts_with(REAL) {
            &mut real
        } else {
            &mut runbook
        };
        shape.push_str(&text);
    }
    let all = catalogue::all();
    let names = all.iter().map(|operation| operation.declaration().name);
    for name in names.chain(["help"]) {
        for (shape, stories) in [("runbook's", &runbook), ("real", &real)] {
            let typed = |end: char| stories.contains(&format!("/ops {name}{end}"));
            assert!(
                typed(' ') || typed('"'),
                "no story of the {shape} shape types /ops {name}"
            );
        }
    }
}
