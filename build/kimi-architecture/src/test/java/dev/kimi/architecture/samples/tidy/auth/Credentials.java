package dev.kimi.architecture.samples.tidy.auth;

public final class Credentials {
    private final byte[] token;

    Credentials(byte[] token) {
        this.token = token;
    }

    public int length() {
        return token.length;
    }

    @Override
    public String toString() {
        return "***";
    }
}
