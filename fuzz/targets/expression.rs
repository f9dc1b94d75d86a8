#![no_main]

#[path = "../checks/asking.rs"]
mod asking;
#[path = "../checks/expression.rs"]
mod expression;
#[path = "../checks/loading.rs"]
mod loading;
#[path = "../checks/zones.rs"]
mod zones;

libfuzzer_sys::fuzz_target!(|data: &[u8]| expression::check(&String::from_utf8_lossy(data)));
