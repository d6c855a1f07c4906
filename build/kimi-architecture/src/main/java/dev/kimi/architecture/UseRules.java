package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is there must be of use. */
final class UseRules {

    /** Named in a String, below the base. */
    private static final Set<String> CALLED_BY_NAME = Set.of(".starter.autoconfigure.KimiClientFactory.namedClient");

    /** State that tests and simulation look at and no user sees, below the base. Only to be shortened. */
    private static final Set<String> READ_BY_TESTS = Set.of(
            ".internal.call.Engine.liveCalls",
            ".internal.endpoint.Accounts.size",
            ".internal.endpoint.Admission.waiting",
            ".internal.endpoint.Router$RoutedCall.remaining",
            ".internal.governor.LimitGate.waiting",
            ".internal.json.JsonException.offset",
            ".internal.sse.SseParser.bytesFed",
            ".internal.sse.SseParser.held",
            ".internal.sse.SseParser.lastEventId",
            ".internal.sse.SseParser.retryMillis");

    private static final Pattern FRAMEWORK = Pattern.compile(
            "org\\.(springframework|junit)\\.|com\\.fasterxml\\.jackson\\.|dev\\.kimi\\.tool\\.ToolMethod"
                    + "|dev\\.langchain4j\\.agent\\.tool\\.Tool");

    private UseRules() {}

    static Rule calledMethods(String base) {
        return Rule.of(
                "calledmethods",
                methods()
                        .that()
                        .areDeclaredInClassesThat()
                        .resideInAPackage(base + "..")
                        .should(new BeCalled(base)),
                "a method that only tests call is tested for its own sake, and what users run may do without: move it"
                        + " to the tests, or delete it");
    }

    /** Public methods of public types outside of internal packages, and what those inherit, are for users. */
    private static boolean isForUsers(JavaMethod method) {
        boolean open = method.getModifiers().contains(JavaModifier.PUBLIC)
                || method.getModifiers().contains(JavaModifier.PROTECTED);
        return open
                && Stream.concat(Stream.of(method.getOwner()), method.getOwner().getAllSubclasses().stream())
                        .anyMatch(UseRules::isForUsers);
    }

    private static boolean isForUsers(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && !type.getPackageName().contains(".internal")
                && type.getEnclosingClass().map(UseRules::isForUsers).orElse(true);
    }

    /** Whether something other than a call by name runs it: the compiler, an interface, a framework. */
    private static boolean isCalledByOthers(JavaMethod method) {
        JavaClass owner = method.getOwner();
        return method.getModifiers().contains(JavaModifier.SYNTHETIC)
                || owner.isEnum()
                        && owner.getSimpleName()
                                .equals(method.getRawReturnType().getSimpleName())
                || owner.isEnum() && method.getName().equals("values")
                || owner.isRecord() && isComponent(method)
                || owner.isAnnotation()
                || method.getName().equals("main")
                || method.getAnnotations().stream()
                        .anyMatch(annotation -> FRAMEWORK
                                .matcher(annotation.getRawType().getName())
                                .lookingAt())
                || Stream.concat(Stream.of(owner), owner.getAllSubclasses().stream())
                        .anyMatch(type -> isInherited(type, method));
    }

    /** Whether a type has the method from elsewhere, as a class that implements an interface by its parent's has. */
    private static boolean isInherited(JavaClass type, JavaMethod method) {
        return Stream.concat(type.getAllRawSuperclasses().stream(), type.getAllRawInterfaces().stream())
                .filter(other -> !other.equals(method.getOwner()))
                .flatMap(other -> other.getMethods().stream())
                .anyMatch(inherited -> overrides(method, inherited));
    }

    private static boolean isComponent(JavaMethod method) {
        return method.getRawParameterTypes().isEmpty()
                && method.getOwner().tryGetField(method.getName()).isPresent();
    }

    private static boolean overrides(JavaMethod method, JavaMethod inherited) {
        return method.getName().equals(inherited.getName())
                && method.getRawParameterTypes().size()
                        == inherited.getRawParameterTypes().size();
    }

    private static final class BeCalled extends ArchCondition<JavaMethod> {
        private final String base;

        BeCalled(String base) {
            super("be called by the module itself, or be for its users");
            this.base = base;
        }

        @Override
        public void check(JavaMethod method, ConditionEvents events) {
            boolean called = method.getAccessesToSelf().stream()
                    .anyMatch(access -> !access.getOrigin().equals(method));
            if (!called && !isForUsers(method) && !isCalledByOthers(method) && !isListed(method)) {
                events.add(SimpleConditionEvent.violated(method, method.getFullName() + " is called by nobody"));
            }
        }

        private boolean isListed(JavaMethod method) {
            String name = method.getOwner().getName() + "." + method.getName();
            String below = name.startsWith(base) ? name.substring(base.length()) : name;
            return READ_BY_TESTS.contains(below) || CALLED_BY_NAME.contains(below);
        }
    }
}
