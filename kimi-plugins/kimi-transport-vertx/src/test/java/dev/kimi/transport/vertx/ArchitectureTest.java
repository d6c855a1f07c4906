package dev.kimi.transport.vertx;

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
                10,
                Rules.library(
                        "dev.kimi",
                        Budget.SMALL,
                        "dev.kimi.transport.vertx.BodyPump",
                        "dev.kimi.transport.vertx.Callbacks",
                        "dev.kimi.transport.vertx.TlsOptions"));
    }

    @TestFactory
    Stream<DynamicTest> the_tests_keep_the_rules() {
        return ArchitectureChecks.tests(0, Rules.tests("dev.kimi"));
    }
}
