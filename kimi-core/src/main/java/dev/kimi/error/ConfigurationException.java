package dev.kimi.error;

import java.util.Objects;

/** A setting is missing or wrong. Thrown while a client is built, never by a call. */
public final class ConfigurationException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final String setting;
    private final String problem;
    private final String fix;

    /**
     * @param setting the setting's name, such as {@code kimi.api-key}
     * @param problem what is wrong, a sentence
     * @param fix what to write instead, a sentence
     */
    public ConfigurationException(String setting, String problem, String fix) {
        super(problem + " " + fix, Details.NONE, null);
        this.setting = Objects.requireNonNull(setting, "setting");
        this.problem = problem;
        this.fix = fix;
    }

    /** The setting's name. */
    public String setting() {
        return setting;
    }

    /** What is wrong. */
    public String problem() {
        return problem;
    }

    /** What to write instead. */
    public String fix() {
        return fix;
    }
}
