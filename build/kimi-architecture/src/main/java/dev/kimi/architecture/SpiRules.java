package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;

/** The interfaces that others implement: few, and small. */
final class SpiRules {

    private static final int METHODS = 2;
    private static final int CALLBACKS = 4;

    private static final Set<String> SPI = Set.of(
            "transport.Transport",
            "transport.TransportFactory",
            "spi.ProviderFactory",
            "auth.CredentialsProvider",
            "auth.CredentialsProviderFactory",
            "oauth2.RefreshTokenStore",
            "retry.RetryPolicy",
            "retry.RetryPolicyFactory",
            "batch.BatchWindow",
            "batch.BatchWindowFactory",
            "quota.Quota",
            "quota.QuotaFactory",
            "event.CallListener");

    /** What an SPI hands out or is handed: one object per call, so it may have several methods. */
    private static final Set<String> HANDLES = Set.of(
            "transport.Exchange",
            "transport.ExchangeHandler",
            "transport.RequestBody",
            "quota.Reservation",
            "quota.Quota$Subscription",
            "event.CallObserver");

    private SpiRules() {}

    static Rule size(String base) {
        return Rule.of(
                "spisize",
                classes().that().resideInAPackage(base + "..").should(new StaySmall(base)),
                "an SPI is one method that takes one object and gives one back: put the rest into the object");
    }

    static Rule closed(String base) {
        return Rule.of(
                "spiclosed",
                classes()
                        .that()
                        .resideInAnyPackage(SPI.stream()
                                .map(name -> base + "." + name.substring(0, name.indexOf('.')))
                                .distinct()
                                .toArray(String[]::new))
                        .and(DescribedPredicate.describe("others can implement", SpiRules::isOpen))
                        .should(new BeListed(base)),
                "every SPI is a promise to its implementers: seal it, make it package-private, or list it in SpiRules"
                        + " and give it a contract kit");
    }

    private static boolean isOpen(JavaClass type) {
        // ArchUnit does not know of sealed types, hence the reflection.
        return type.isInterface()
                && !type.isAnnotation()
                && type.getModifiers().contains(JavaModifier.PUBLIC)
                && !type.reflect().isSealed();
    }

    private static final class StaySmall extends ArchCondition<JavaClass> {
        private final String base;

        StaySmall(String base) {
            super("have at most " + METHODS + " abstract methods as an SPI, " + CALLBACKS + " as its handle");
            this.base = base;
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            String name = relative(base, type);
            int limit = SPI.contains(name) ? METHODS : HANDLES.contains(name) ? CALLBACKS : Integer.MAX_VALUE;
            long methods = type.getAllMethods().stream()
                    .filter(method -> method.getModifiers().contains(JavaModifier.ABSTRACT))
                    .filter(method -> !method.getOwner().isEquivalentTo(AutoCloseable.class))
                    .count();
            if (methods > limit) {
                events.add(
                        SimpleConditionEvent.violated(type, type.getName() + " has " + methods + " abstract methods"));
            }
        }
    }

    private static final class BeListed extends ArchCondition<JavaClass> {
        private final String base;

        BeListed(String base) {
            super("be listed");
            this.base = base;
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            String name = relative(base, type);
            if (!SPI.contains(name) && !HANDLES.contains(name)) {
                events.add(SimpleConditionEvent.violated(type, type.getName() + " is open and not listed"));
            }
        }
    }

    private static String relative(String base, JavaClass type) {
        return type.getName().startsWith(base + ".") ? type.getName().substring(base.length() + 1) : type.getName();
    }
}
