package dev.kimi.gateway;

import dev.kimi.architecture.ArchitectureChecks;
import dev.kimi.architecture.Budget;
import dev.kimi.architecture.Rule;
import dev.kimi.architecture.Rules;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {

    /**
     * A server says on the terminal where it is. The others are not kept by every package yet: only to be shortened.
     */
    private static final Set<String> NOT_HELD = Set.of("standardstreams", "knots", "calledmethods");

    private static final Set<String> NOT_HELD_BY_TESTS = Set.of("internals", "sleep");

    @TestFactory
    Stream<DynamicTest> the_classes_keep_the_rules() {
        List<Rule> rules = Rules.library("dev.kimi", Budget.GATEWAY, "dev.kimi.gateway.face.CallEvents").stream()
                .filter(rule -> !NOT_HELD.contains(rule.name()))
                .toList();
        return ArchitectureChecks.main(60, rules);
    }

    @TestFactory
    Stream<DynamicTest> the_tests_keep_the_rules() {
        List<Rule> rules = Rules.tests("dev.kimi").stream()
                .filter(rule -> !NOT_HELD_BY_TESTS.contains(rule.name()))
                .toList();
        return ArchitectureChecks.tests(20, rules);
    }
}
