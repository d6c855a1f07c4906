package dev.kimi.samples.benchmark;

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
        // A program for the terminal prints, which a library must not; each public type is one.
        List<Rule> rules = Rules.library("dev.kimi", new Budget(8, 6)).stream()
                .filter(rule -> !rule.name().equals("standardstreams"))
                .toList();
        return ArchitectureChecks.main(7, rules);
    }

    @TestFactory
    Stream<DynamicTest> the_tests_keep_the_rules() {
        return ArchitectureChecks.tests(1, Rules.tests("dev.kimi"));
    }
}
