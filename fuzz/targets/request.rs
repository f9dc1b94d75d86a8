#![no_main]

#[path = "../checks/decision.rs"]
mod decision;
#[path = "../checks/request.rs"]
mod request;
#[path = "../checks/zones.rs"]
mod zones;

libfuzzer_sys::fuzz_target!(|data: &[u8]| request::check(&String::from_utf8_lossy(data)));
