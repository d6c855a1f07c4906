package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What nobody calls directly, because a test could not hold it still. */
final class CallRules {

    private static final Set<String> DATES = Set.of(
            "java.time.Instant",
            "java.time.LocalDate",
            "java.time.LocalTime",
            "java.time.LocalDateTime",
            "java.time.OffsetDateTime",
            "java.time.ZonedDateTime");

    private static final Map<String, Set<String>> WALL_CLOCK = Map.of(
            "java.lang.System", Set.of("nanoTime", "currentTimeMillis"),
            "java.lang.Thread", Set.of("sleep"),
            "java.util.concurrent.TimeUnit", Set.of("sleep"),
            "java.util.concurrent.locks.LockSupport", Set.of("parkNanos", "parkUntil"),
            "java.util.concurrent.CompletableFuture", Set.of("orTimeout", "completeOnTimeout", "delayedExecutor"),
            "java.time.Clock",
                    Set.of("system", "systemUTC", "systemDefaultZone", "tickMillis", "tickSeconds", "tickMinutes"));

    private CallRules() {}

    static Rule time(String base) {
        return Rule.of(
                "time",
                noClasses()
                        .that()
                        .resideInAPackage(base + "..")
                        .and()
                        .resideOutsideOfPackage(base + ".time")
                        .should()
                        .accessTargetWhere(accessTo("the JVM's own clock or timer", CallRules::readsTheClock)),
                "what reads the wall clock cannot run under virtual time: take a " + base
                        + ".time.TimeSource, wait on a " + base + ".time.Timer");
    }

    static Rule chance(String base) {
        return Rule.of(
                "chance",
                noClasses()
                        .that()
                        .resideInAPackage(base + "..")
                        .and()
                        .doNotHaveFullyQualifiedName(base + ".spi.SharedRandom")
                        .should()
                        .accessTargetWhere(accessTo("a random source of its own", CallRules::rollsDice)),
                "a run must be repeatable from a seed: take a RandomGenerator, as from " + base
                        + ".spi.ProviderSettings.random()");
    }

    static Rule standardStreams(String base) {
        return Rule.of(
                "standardstreams",
                noClasses().that().resideInAPackage(base + "..").should(GeneralCodingRules.ACCESS_STANDARD_STREAMS),
                "a library does not own the console: tell a CallListener, or log");
    }

    static DescribedPredicate<JavaAccess<?>> accessTo(String what, Predicate<AccessTarget> predicate) {
        return DescribedPredicate.describe(what, access -> predicate.test(access.getTarget()));
    }

    private static boolean readsTheClock(AccessTarget target) {
        String owner = target.getOwner().getName();
        if (DATES.contains(owner)) {
            return target.getName().equals("now") && parameters(target) == 0;
        }
        if (owner.equals("java.util.Date") || owner.equals("java.util.Timer")) {
            return target.getName().equals("<init>") && (owner.endsWith("Timer") || parameters(target) == 0);
        }
        return WALL_CLOCK.getOrDefault(owner, Set.of()).contains(target.getName());
    }

    private static boolean rollsDice(AccessTarget target) {
        return switch (target.getOwner().getName()) {
            case "java.lang.Math", "java.lang.StrictMath" -> target.getName().equals("random");
            case "java.util.concurrent.ThreadLocalRandom" -> target.getName().equals("current");
            case "java.util.Random", "java.util.SplittableRandom" ->
                target.getName().equals("<init>") && parameters(target) == 0;
            default -> false;
        };
    }

    private static int parameters(AccessTarget target) {
        return target instanceof AccessTarget.CodeUnitAccessTarget unit
                ? unit.getRawParameterTypes().size()
                : 0;
    }
}
