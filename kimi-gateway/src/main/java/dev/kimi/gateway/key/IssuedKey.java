package dev.kimi.gateway.key;

/** A key with the characters that clients send, which are known this once. Prints without them. */
public final class IssuedKey {

    private final VirtualKey key;
    private final char[] characters;

    IssuedKey(VirtualKey key, char[] characters) {
        this.key = key;
        this.characters = characters;
    }

    /** What is kept of it. */
    public VirtualKey key() {
        return key;
    }

    /**
     * What clients send, such as {@code kimi-sk-...}: for the person who issues it, once. The caller's to overwrite.
     */
    public char[] characters() {
        return characters;
    }

    @Override
    public String toString() {
        return "IssuedKey[" + key.id() + "]";
    }
}
