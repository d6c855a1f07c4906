package dev.kimi.internal.util;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Who sends a request, for the service's logs: the library with its version and the Java release, as in
 * {@code kimi-java/1.2.3 Java/17}, and nothing of the machine.
 */
public final class UserAgent {

    /** The name of the header, in lower case. */
    public static final String HEADER = "user-agent";

    /** The value of the header for a program that adds nothing. */
    public static final String LIBRARY =
            "kimi-java/" + version() + " Java/" + Runtime.version().feature();

    private UserAgent() {}

    /**
     * The value of the header.
     *
     * @param program products of the program, such as {@code my-app/1.2}, which come first; null for none
     */
    public static String of(@Nullable String program) {
        return program == null ? LIBRARY : program + " " + LIBRARY;
    }

    /**
     * A resource beside this class, and not the manifest: it is there in a folder of classes and in a jar that holds
     * the classes of others too.
     */
    private static String version() {
        try (InputStream resource = UserAgent.class.getResourceAsStream("version.txt")) {
            String version =
                    resource == null ? "" : new String(resource.readAllBytes(), StandardCharsets.US_ASCII).strip();
            // an IDE that builds without Maven leaves the placeholder as it is
            return HttpText.isToken(version) && !version.startsWith("$") ? version : "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }
}
