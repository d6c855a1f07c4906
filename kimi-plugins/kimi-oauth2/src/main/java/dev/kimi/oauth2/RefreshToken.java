package dev.kimi.oauth2;

import java.util.Arrays;

/** A refresh token. Immutable; prints stars. Compared by identity. */
public final class RefreshToken {

    private final char[] token;

    private RefreshToken(char[] token) {
        this.token = token;
    }

    /**
     * @param token copied; blanks around it are dropped
     * @throws IllegalArgumentException if it is empty or holds other than the printable characters of ASCII
     */
    public static RefreshToken of(CharSequence token) {
        String stripped = token.toString().strip();
        if (stripped.isEmpty() || !stripped.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "a refresh token has one or more printable characters of ASCII, and nothing else");
        }
        return new RefreshToken(stripped.toCharArray());
    }

    /** A copy of its characters: for the store only. */
    public char[] toCharArray() {
        return Arrays.copyOf(token, token.length);
    }

    @Override
    public String toString() {
        return "RefreshToken[****]";
    }
}
