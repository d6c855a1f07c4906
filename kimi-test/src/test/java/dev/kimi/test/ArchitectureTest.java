package dev.kimi.test;

import dev.kimi.architecture.ArchitectureChecks;
import dev.kimi.architecture.Budget;
import dev.kimi.architecture.Rules;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {

    @TestFactory
    Stream<DynamicTest> the_classes_keep_the_rules() {
        return ArchitectureChecks.main(
                30, Rules.library("dev.kimi", Budget.TEST, "dev.kimi.test.contract.ListenerProbe"));
    }

    @TestFactory
    Stream<DynamicTest> the_tests_keep_the_rules() {
        return ArchitectureChecks.tests(0, Rules.tests("dev.kimi"));
    }
}
