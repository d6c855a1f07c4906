package dev.kimi.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;

/** Which package may know which. */
final class PackageRules {

    private static final List<String> SPI_MAY_KNOW = List.of("spi", "time", "error");

    /** What each package of the core may know besides Java, JSpecify, itself and {@code internal.util}. */
    private static final Map<String, List<String>> LEAVES = new TreeMap<>(Map.of(
            "chat", List.of(),
            "error", List.of(),
            "time", List.of(),
            "spi", List.of("time", "error"),
            "auth", SPI_MAY_KNOW,
            "transport", SPI_MAY_KNOW,
            "retry", SPI_MAY_KNOW,
            "batch", SPI_MAY_KNOW,
            "quota", SPI_MAY_KNOW,
            "event", SPI_MAY_KNOW));

    private PackageRules() {}

    static Rule cycles(String base) {
        return Rule.of(
                "cycles",
                SlicesRuleDefinition.slices()
                        .assignedFrom(new PackagesBelow(base))
                        .should()
                        .beFreeOfCycles(),
                "a cycle makes two packages one: move what both need into a package below them");
    }

    static Rule frontDoor(String base) {
        return Rule.of(
                "frontdoor",
                noClasses()
                        .that()
                        .resideInAPackage(base + "..")
                        .and()
                        .resideOutsideOfPackage(base)
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(base),
                "the front door is imported by nobody inside: move what is shared into the package that owns it");
    }

    static Rule leaves(String base) {
        CompositeArchRule all = null;
        for (Map.Entry<String, List<String>> leaf : LEAVES.entrySet()) {
            List<String> known = new ArrayList<>(List.of("java..", "javax.net.ssl..", "org.jspecify.."));
            known.add(base + "." + leaf.getKey());
            known.add(base + ".internal.util");
            leaf.getValue().forEach(other -> known.add(base + "." + other));
            var rule = classes()
                    .that()
                    .resideInAPackage(base + "." + leaf.getKey())
                    .should()
                    .onlyDependOnClassesThat(resideInAnyPackage(known.toArray(String[]::new)))
                    .allowEmptyShould(true);
            all = all == null ? CompositeArchRule.of(rule) : all.and(rule);
        }
        return Rule.of(
                "leaves",
                Objects.requireNonNull(all),
                "a plugin must be able to read one SPI package without the rest: pass the value in as a parameter,"
                        + " or write down in docs/adr why the package has to know the other");
    }

    static Rule json(String base) {
        return Rule.of(
                "json",
                noClasses()
                        .that()
                        .resideInAPackage(base + "..")
                        .and()
                        .resideOutsideOfPackage(base + ".internal.json")
                        .should()
                        .dependOnClassesThat(library("a JSON library", "tools.jackson..", "com.fasterxml.jackson..")),
                "the JSON library is an implementation detail: use " + base + ".internal.json");
    }

    static Rule httpClient(String base) {
        return Rule.of(
                "httpclient",
                noClasses()
                        .that()
                        .resideInAPackage(base + "..")
                        .should()
                        .dependOnClassesThat(library("java.net.http", "java.net.http..")),
                "it has no connection cap and leaks the socket of a dropped body: send through " + base
                        + ".transport.Transport");
    }

    static Rule nullMarked(String base) {
        return Rule.of(
                "nullmarked",
                classes().that().resideInAPackage(base + "..").should(new BeInANullMarkedPackage()),
                "absence belongs into the type: add a package-info.java with @NullMarked");
    }

    private static DescribedPredicate<JavaClass> library(String name, String... packages) {
        return resideInAnyPackage(packages).as(name);
    }

    private static final class BeInANullMarkedPackage extends ArchCondition<JavaClass> {
        BeInANullMarkedPackage() {
            super("be in a package that is @NullMarked");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            boolean marked = type.getPackage()
                    .tryGetPackageInfo()
                    .map(info -> info.isAnnotatedWith(NullMarked.class))
                    .orElse(false);
            if (!marked) {
                events.add(SimpleConditionEvent.violated(
                        type, type.getName() + " is in a package without @NullMarked: " + type.getPackageName()));
            }
        }
    }

    /** One slice per package, the base itself included, which a pattern cannot say. */
    private record PackagesBelow(String base) implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return resideInAPackage(base + "..").test(type)
                    ? SliceIdentifier.of(type.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "the packages of " + base;
        }
    }
}
