internal import CSpawn

/// A signal that ends a program which does not handle it.
public struct EndingSignal: Sendable, Hashable {
    public var number: Int32
    /// Whether it came from a key of the terminal, and with it to all that run there in the foreground.
    public var isFromTerminal: Bool
}

/// What signals do to the meter, as long as something measured is not yet written down.
public enum Signals {
    /// From now on signals that would end the process are only remembered and handed on; pairs with ``release()``.
    public static func hold() { cspawn_hold_signals() }

    /// Ends one ``hold()``; after the last one signals do again what they did before.
    public static func release() { cspawn_release_signals() }

    /// The first ending signal since signals are held.
    public static var received: EndingSignal? {
        var isFromTerminal: Int32 = 0
        let number = unsafe cspawn_ending_signal(&isFromTerminal)
        return number == 0 ? nil : EndingSignal(number: number, isFromTerminal: isFromTerminal != 0)
    }

    /// Lets writes that cannot succeed fail with an error instead of a signal: a reader that went away, a limit of
    /// the file's size.
    ///
    /// What is measured starts with the dispositions that were there before.
    public static func ignoreFailingWrites() { cspawn_ignore_write_signals() }

    /// Ends the process by a signal, so that who waits for it sees that.
    public static func die(of number: Int32) -> Never { cspawn_die(number) }
}
