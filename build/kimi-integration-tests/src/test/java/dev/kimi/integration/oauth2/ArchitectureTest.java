package dev.kimi.integration.oauth2;

import dev.kimi.architecture.ArchitectureChecks;
import dev.kimi.architecture.Rules;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {

    @TestFactory
    Stream<DynamicTest> the_tests_keep_the_rules() {
        return ArchitectureChecks.tests(3, Rules.tests("dev.kimi"));
    }
}
