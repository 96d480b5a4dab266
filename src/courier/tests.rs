use super::{sound, unix_lines};

#[test]
fn bytes_that_servers_read_alike_are_sound() {
    assert_eq!(sound(b"Subject: x\r\n\r\n.\r\nbody\r\n"), Ok(()));
    assert_eq!(sound(format!("{}\r\n", "x".repeat(998)).as_bytes()), Ok(()));
}

#[test]
fn bytes_that_could_smuggle_a_command_are_not() {
    let long = format!("{}\r\n", "x".repeat(999));
    for (bytes, fault) in [
        (&b""[..], "empty"),
        (
            b"a\n.\r\nMAIL FROM:<x@y.example>\r\n",
            "does not end with CRLF",
        ),
        (b"a\r.\r\n", "bare CR"),
        (b"a\r\r\n", "bare CR"),
        (b"a\r\n.\r", "bare CR"),
        (b"a\r\nb", "does not end with CRLF"),
        (b"a\0\r\n", "NUL"),
        (b"caf\xc3\xa9\r\n", "7 bits"),
        (long.as_bytes(), "999 octets"),
    ] {
        let found = sound(bytes).unwrap_err();
        assert!(found.contains(fault), "{found:?} for {bytes:?}");
    }
}

#[test]
fn unix_lines_end_with_lf_alone() {
    assert_eq!(unix_lines(b"a\r\n\r\nb\r\n"), b"a\n\nb\n");
}
