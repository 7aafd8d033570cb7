use crate::guests::Guest;

/// A component that does what the first letter of the page says, and else answers with the page's URL: `g`rows its
/// memory by a page or traps, loops for ever, spins `s` a while, traps, or traps `o` + `n` when it has seen a document
/// before.
pub(crate) fn echo() -> Guest<'static> {
    Guest {
        fields: r"
            (global $next (mut i32) (i32.const 4096))
            (global $seen (mut i32) (i32.const 0))
            (global $turns (mut i32) (i32.const 100000))",
        realloc: r"
            global.get $next
            (global.set $next (i32.add (global.get $next) (local.get 3)))",
        extract: r"
            (local $command i32)
            (local.set $command (i32.load8_u (local.get 0)))
            (if (i32.eq (local.get $command) (i32.const 0x67)) ;; grow
                (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))))
            (if (i32.eq (local.get $command) (i32.const 0x6c)) ;; loop
                (then (loop br 0)))
            (if (i32.eq (local.get $command) (i32.const 0x73)) ;; spin
                (then (loop
                    (global.set $turns (i32.sub (global.get $turns) (i32.const 1)))
                    (br_if 0 (global.get $turns)))))
            (if (i32.eq (local.get $command) (i32.const 0x74)) ;; trap
                (then unreachable))
            (if (i32.eq (i32.load16_u (local.get 0)) (i32.const 0x6e6f)) ;; once
                (then (if (global.get $seen) (then unreachable))))
            (global.set $seen (i32.const 1))
            (i32.store (i32.const 1028) (local.get 2))
            (i32.store (i32.const 1032) (local.get 3))
            i32.const 1024",
        ..Guest::default()
    }
}
