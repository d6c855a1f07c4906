package dev.kimi.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RulesTest {

    private static final String SAMPLES = RulesTest.class.getPackageName() + ".samples";
    private static final String TIDY = SAMPLES + ".tidy";
    private static final Budget TINY = new Budget(20, 1);
    private static final Map<String, JavaClasses> SCANS = new HashMap<>();

    static Stream<Named<String>> names() {
        return rules(TIDY, Budget.CORE).map(rule -> named(rule.name(), rule.name()));
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_rule_bites_on_its_sample(String name) {
        String base = SAMPLES + "." + name;
        Rule rule = rules(base, TINY)
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();

        EvaluationResult result = rule.check().evaluate(classes(base));

        assertThat(result.hasViolation()).isTrue();
        assertThat(result.getFailureReport().toString()).contains("because").contains(base);
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_rule_leaves_tidy_code_alone(String name) {
        Rule rule = rules(TIDY, Budget.CORE)
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();

        EvaluationResult result = rule.check().evaluate(classes(TIDY));

        assertThat(result.getFailureReport().getDetails()).isEmpty();
    }

    @Test
    void a_rule_reaches_into_lambdas_and_method_references() {
        JavaClasses classes = classes(SAMPLES + ".time");

        EvaluationResult result = CallRules.time(SAMPLES + ".time").check().evaluate(classes);

        assertThat(result.getFailureReport().getDetails()).hasSize(3);
    }

    @Test
    void a_wait_for_an_event_is_no_sleep_unless_it_ends_in_silence() {
        JavaClasses classes = classes(SAMPLES + ".sleep");

        EvaluationResult result = TestRules.sleep(SAMPLES + ".sleep").check().evaluate(classes);

        assertThat(result.getFailureReport().getDetails()).hasSize(4);
    }

    @Test
    void a_module_is_its_main_and_test_classes_and_no_jar_beside_it() {
        JavaClass main = new ClassFileImporter().importClass(Rules.class);
        JavaClass test = new ClassFileImporter().importClass(RulesTest.class);
        JavaClass jar = new ClassFileImporter().importClass(ClassFileImporter.class);
        JavaClass sameJar = new ClassFileImporter().importClass(JavaClass.class);
        JavaClass otherJar = new ClassFileImporter().importClass(Test.class);

        assertThat(ModuleRules.sameModule(main, test)).isTrue();
        assertThat(ModuleRules.sameModule(jar, sameJar)).isTrue();
        assertThat(ModuleRules.sameModule(main, jar)).isFalse();
        assertThat(ModuleRules.sameModule(jar, otherJar)).isFalse();
    }

    @Test
    void an_auto_configuration_is_in_a_package_for_them_and_shows_nothing() {
        JavaClasses classes = classes(SAMPLES + ".autoconfigurations");

        EvaluationResult result = SpringRules.autoConfigurations(SAMPLES + ".autoconfigurations")
                .check()
                .evaluate(classes);

        assertThat(result.getFailureReport().getDetails()).hasSize(2);
    }

    @Test
    void a_method_that_only_calls_itself_is_called_by_nobody() {
        JavaClasses classes = classes(SAMPLES + ".calledmethods");

        EvaluationResult result =
                UseRules.calledMethods(SAMPLES + ".calledmethods").check().evaluate(classes);

        assertThat(result.getFailureReport().getDetails()).hasSize(2);
    }

    @Test
    void a_module_over_its_budget_is_reported_so_even_if_no_package_is() {
        Rule rule = TypeRules.budget(SAMPLES + ".budget", new Budget(1, 5));

        EvaluationResult result = rule.check().evaluate(classes(SAMPLES + ".budget"));

        assertThat(result.getFailureReport().getDetails()).hasSize(1);
    }

    @Test
    void a_scan_that_saw_too_little_fails() {
        DynamicTest size =
                ArchitectureChecks.main(100_000, List.of()).findFirst().orElseThrow();

        assertThat(size.getExecutable())
                .satisfies(check -> org.assertj.core.api.Assertions.assertThatThrownBy(check::execute)
                        .isInstanceOf(AssertionError.class));
    }

    @TestFactory
    Stream<DynamicTest> own_classes() {
        return ArchitectureChecks.main(10, Rules.library("dev.kimi", new Budget(4, 4)));
    }

    private static Stream<Rule> rules(String base, Budget budget) {
        TreeMap<String, Rule> byName = new TreeMap<>();
        Stream.of(
                        Rules.core(base, budget, TIDY + ".Guard"),
                        Rules.autoConfiguration(base, budget, TIDY + ".Guard"),
                        Rules.tests(base),
                        // all samples come from one module, so their packages stand for modules
                        List.of(ModuleRules.internals(base, RulesTest::inPackageOfOwner)))
                .flatMap(List::stream)
                .forEach(rule -> byName.put(rule.name(), rule));
        return byName.values().stream();
    }

    private static boolean inPackageOfOwner(JavaClass type, JavaClass internal) {
        String owner = internal.getPackageName().replaceFirst("\\.internal\\b.*", "");
        return type.getPackageName().startsWith(owner);
    }

    private static JavaClasses classes(String base) {
        return SCANS.computeIfAbsent(base, name -> new ClassFileImporter().importPackages(name));
    }
}
