package dev.kimi.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;

/** Turns rules into tests over the classes of the module that runs them. */
public final class ArchitectureChecks {

    private ArchitectureChecks() {}

    /**
     * Checks the module's main classes.
     *
     * @param moreThan how many classes the scan must exceed, so that a scan of the wrong place does not pass
     * @param rules the rules to apply
     * @return one test per rule, and one for the size of the scan
     */
    public static Stream<DynamicTest> main(int moreThan, List<Rule> rules) {
        return checks("classes", moreThan, rules);
    }

    /**
     * Checks the module's test classes.
     *
     * @param moreThan how many classes the scan must exceed
     * @param rules the rules to apply
     * @return one test per rule, and one for the size of the scan
     */
    public static Stream<DynamicTest> tests(int moreThan, List<Rule> rules) {
        return checks("test-classes", moreThan, rules);
    }

    private static Stream<DynamicTest> checks(String output, int moreThan, List<Rule> rules) {
        // Surefire sets basedir; an IDE runs the tests inside the module.
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        JavaClasses classes =
                new ClassFileImporter().importPath(module.resolve("target").resolve(output));
        DynamicTest size = DynamicTest.dynamicTest(
                "the scan of " + output + " saw more than " + moreThan + " classes",
                () -> Assertions.assertTrue(classes.size() > moreThan, () -> "it saw " + classes.size()));
        return Stream.concat(
                Stream.of(size),
                rules.stream()
                        .map(rule -> DynamicTest.dynamicTest(
                                rule.name(), () -> rule.check().check(classes))));
    }
}
