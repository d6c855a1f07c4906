package dev.kimi.transport.vertx;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A proxy, with what it needs to be known of us. Immutable; does not print the password or the user name. */
final class Proxy {

    private final Type type;
    private final String host;
    private final int port;
    private final @Nullable Login login;
    private final String setting;

    /** @param setting the full name of the settings of proxies, for messages */
    Proxy(Type type, String host, int port, @Nullable Login login, String setting) {
        this.type = type;
        this.host = host;
        this.port = port;
        this.login = login;
        this.setting = setting;
    }

    Type type() {
        return type;
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    /** Null when there are no credentials. */
    @Nullable Login login() {
        return login;
    }

    /** The full name of a setting of proxies. */
    String setting(String name) {
        return setting + "." + name;
    }

    Proxy with(@Nullable Login other) {
        return new Proxy(type, host, port, other, setting);
    }

    @Override
    public String toString() {
        return Origin.authority(host, port);
    }

    enum Type {
        HTTP,
        SOCKS5
    }

    /** User name and password; a class, since records print themselves. */
    static final class Login {

        private final byte[] user;
        private final byte[] password;

        Login(String user, String password) {
            this.user = user.getBytes(StandardCharsets.UTF_8);
            this.password = password.getBytes(StandardCharsets.UTF_8);
        }

        byte[] user() {
            return user;
        }

        byte[] password() {
            return password;
        }

        /** As in the header {@code Proxy-Authorization}. */
        byte[] basic() {
            byte[] both = new byte[user.length + 1 + password.length];
            System.arraycopy(user, 0, both, 0, user.length);
            both[user.length] = ':';
            System.arraycopy(password, 0, both, user.length + 1, password.length);
            return Base64.getEncoder().encode(both);
        }

        @Override
        public String toString() {
            return "****";
        }
    }
}
