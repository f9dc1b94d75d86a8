#![no_main]

#[path = "../checks/decision.rs"]
mod decision;
#[path = "../checks/generated.rs"]
mod generated;
#[path = "../checks/zones.rs"]
mod zones;

libfuzzer_sys::fuzz_target!(|data: &[u8]| generated::check(data));
