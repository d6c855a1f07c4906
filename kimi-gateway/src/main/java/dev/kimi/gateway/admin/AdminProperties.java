package dev.kimi.gateway.admin;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Settings of the admin face. */
@ConfigurationProperties(prefix = "kimi.gateway.admin", ignoreUnknownFields = false)
final class AdminProperties {

    /** Whether there is an admin face. Without a token it is only there where the gateway listens on loopback. */
    private boolean enabled = true;

    /**
     * What opens the admin face, of at least 20 characters; or {sha256} and the SHA-256 of it in 64 hexadecimal digits,
     * so that the settings do not hold it. Never a key of a client.
     */
    private char @Nullable [] token;

    /** Port of its own for the admin face, which is then not on the gateway's port. 0 takes a free one. */
    private @Nullable Integer port;

    /** Address that such a port listens on. */
    private String address = "127.0.0.1";

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean value) {
        this.enabled = value;
    }

    public @Nullable CharSequence getToken() {
        return token == null ? null : new String(token);
    }

    public void setToken(@Nullable CharSequence value) {
        this.token = value == null ? null : value.toString().toCharArray();
    }

    public @Nullable Integer getPort() {
        return port;
    }

    public void setPort(@Nullable Integer value) {
        this.port = value;
    }

    public String getAddress() {
        return address;
    }

    public void setAddress(String value) {
        this.address = value;
    }

    @Override
    public String toString() {
        return "AdminProperties[enabled=" + enabled + ", port=" + port + ", address=" + address + ", token=****]";
    }
}
