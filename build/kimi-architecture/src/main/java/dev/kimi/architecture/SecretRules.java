package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.regex.Pattern;

/** What must not show in a log, a debugger's tooltip or a failing assertion. */
final class SecretRules {

    private static final Pattern SECRET = Pattern.compile(
            "key|(.*_)?(api|access|private|auth|secret|signing)_?key|(.*_)?.*(token|secret|password|passphrase)",
            Pattern.CASE_INSENSITIVE);

    private static final Set<String> RAW = Set.of("[C", "[B", "java.lang.CharSequence", "java.lang.StringBuilder");

    private static final Set<String> LOGGERS = Set.of(
            "java.lang.System$Logger",
            "java.util.logging.Logger",
            "org.slf4j.Logger",
            "org.slf4j.spi.LoggingEventBuilder",
            "org.apache.commons.logging.Log");

    private SecretRules() {}

    static Rule stringSecrets(String base) {
        return Rule.of(
                "stringsecrets",
                fields().that()
                        .areDeclaredInClassesThat()
                        .resideInAPackage(base + "..")
                        .and(haveASecretName())
                        .should()
                        .notHaveRawType(String.class),
                "a String prints itself in records, debuggers and assertions: hold " + base + ".auth.Credentials");
    }

    static Rule printedSecrets(String base) {
        return Rule.of(
                "printedsecrets",
                classes()
                        .that()
                        .resideInAPackage(base + "..")
                        .and(DescribedPredicate.describe(
                                "hold the characters of a secret",
                                type -> type.getFields().stream()
                                        .anyMatch(field -> haveASecretName().test(field)
                                                && RAW.contains(
                                                        field.getRawType().getName()))))
                        .should(new DeclareToString()),
                "whoever holds a secret decides how it prints: declare a toString with stars");
    }

    static Rule loggedMessages(String base) {
        return Rule.of(
                "loggedmessages",
                classes().that().resideInAPackage(base + "..").should(new LogApartFromMessages(base)),
                "prompts, responses and headers never reach a log: log ids and counts from a method that is given"
                        + " nothing else");
    }

    private static DescribedPredicate<JavaField> haveASecretName() {
        return DescribedPredicate.describe(
                "have the name of a secret",
                field -> !isConstant(field) && SECRET.matcher(field.getName()).matches());
    }

    private static boolean isConstant(JavaField field) {
        return field.getModifiers().containsAll(Set.of(JavaModifier.STATIC, JavaModifier.FINAL));
    }

    private static final class DeclareToString extends ArchCondition<JavaClass> {
        DeclareToString() {
            super("declare toString");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            // A record's own toString is generated in every record, so its class file cannot tell.
            if (type.isRecord() || type.tryGetMethod("toString").isEmpty()) {
                events.add(SimpleConditionEvent.violated(
                        type, type.getName() + " holds a secret in a field and is a record or has no toString"));
            }
        }
    }

    private static final class LogApartFromMessages extends ArchCondition<JavaClass> {
        private final String base;

        LogApartFromMessages(String base) {
            super("not log from a method that touches a message");
            this.base = base;
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            for (JavaCodeUnit unit : type.getCodeUnits()) {
                boolean logs = unit.getCallsFromSelf().stream()
                        .anyMatch(call -> LOGGERS.contains(call.getTargetOwner().getName()));
                if (logs && touchesMessage(unit)) {
                    events.add(SimpleConditionEvent.violated(
                            type, unit.getFullName() + " logs and touches a request, response or message"));
                }
            }
        }

        private boolean touchesMessage(JavaCodeUnit unit) {
            return unit.getRawParameterTypes().stream().anyMatch(this::isMessage)
                    || unit.getAccessesFromSelf().stream()
                            .map(JavaAccess::getTargetOwner)
                            .anyMatch(this::isMessage);
        }

        private boolean isMessage(JavaClass type) {
            String name = type.getSimpleName();
            return type.getPackageName().equals(base + ".chat")
                    || type.getPackageName().startsWith(base)
                            && (name.endsWith("Request") || name.endsWith("Response") || name.endsWith("Message"))
                    || type.getName().equals(base + ".transport.Headers");
        }
    }
}
