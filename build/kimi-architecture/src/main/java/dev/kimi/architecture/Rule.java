package dev.kimi.architecture;

import com.tngtech.archunit.lang.ArchRule;

/**
 * A rule and the name that its sample and reports go by.
 *
 * @param name lower case words without separators
 * @param check tolerates that nothing matches; that something was scanned is checked once for all rules
 */
public record Rule(String name, ArchRule check) {

    static Rule of(String name, ArchRule check, String because) {
        return new Rule(name, check.because(because).allowEmptyShould(true));
    }
}
