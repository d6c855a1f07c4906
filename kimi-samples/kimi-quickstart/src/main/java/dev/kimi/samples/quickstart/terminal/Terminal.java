package dev.kimi.samples.quickstart.terminal;

import dev.kimi.samples.quickstart.conversation.QuickstartSettings;
import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import org.springframework.stereotype.Component;

/** What can be shown here. */
@Component
public final class Terminal {

    private final boolean capable;

    Terminal(QuickstartSettings settings) {
        Boolean wanted = settings.color();
        this.capable = wanted != null ? wanted : attached() && System.getenv("NO_COLOR") == null && !dumb();
    }

    /** True when a person is watching who can see colours and a line that changes. */
    public boolean capable() {
        return capable;
    }

    String dim(String text) {
        return capable ? "\u001b[2m" + text + "\u001b[22m" : text;
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
