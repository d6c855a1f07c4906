package dev.kimi.internal.leak;

import java.util.Set;

/** The stack that made something: never thrown, it is the cause of the warning that the thing was dropped. */
public final class CreationSite extends Throwable {

    private static final long serialVersionUID = 1;

    private static final Set<String> FRONT_DOOR =
            Set.of("dev.kimi.ClientAssembly", "dev.kimi.DefaultKimiClient", "dev.kimi.KimiClientBuilder");

    static final String UNKNOWN = "an unknown place";

    CreationSite(String message) {
        super(message, null, false, true);
    }

    /** The first frame of who asked: neither the engine, nor the front door, nor the starter. */
    String place() {
        for (StackTraceElement frame : getStackTrace()) {
            if (!isOurs(frame.getClassName())) {
                return frame.toString();
            }
        }
        return UNKNOWN;
    }

    static boolean isOurs(String className) {
        if (!className.startsWith("dev.kimi.")) {
            return false;
        }
        int nested = className.indexOf('$');
        return className.startsWith("dev.kimi.internal.")
                || className.startsWith("dev.kimi.starter.")
                || FRONT_DOOR.contains(nested < 0 ? className : className.substring(0, nested));
    }
}
