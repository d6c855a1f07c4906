package dev.kimi.samples.oauth2;

import dev.kimi.architecture.ArchitectureChecks;
import dev.kimi.architecture.Budget;
import dev.kimi.architecture.Rule;
import dev.kimi.architecture.Rules;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {

    @TestFactory
    Stream<DynamicTest> the_classes_keep_the_rules() {
        // An application for the terminal prints, which a library must not.
        List<Rule> rules = Rules.library("dev.kimi", Budget.SMALL).stream()
                .filter(rule -> !rule.name().equals("standardstreams"))
                .toList();
        return ArchitectureChecks.main(2, rules);
    }

    @TestFactory
    Stream<DynamicTest> the_tests_keep_the_rules() {
        return ArchitectureChecks.tests(1, Rules.tests("dev.kimi"));
    }
}
