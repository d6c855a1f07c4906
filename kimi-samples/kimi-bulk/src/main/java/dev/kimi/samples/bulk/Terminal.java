package dev.kimi.samples.bulk;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import org.springframework.stereotype.Component;

/** What can be shown here. */
@Component
final class Terminal {

    private final boolean capable;

    Terminal(BulkSettings settings) {
        Boolean wanted = settings.color();
        this.capable = wanted != null ? wanted : attached() && System.getenv("NO_COLOR") == null && !dumb();
    }

    /** True when a person is watching who can see a line that changes. */
    boolean capable() {
        return capable;
    }

    private static boolean dumb() {
        return "dumb".equals(System.getenv("TERM"));
    }

    private static boolean attached() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From JDK 22 on there may be a console without a terminal, and a method that says so.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }
}
