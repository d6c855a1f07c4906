package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.TryCatchBlock;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;

/** How failures travel. */
final class CatchRules {

    private static final Set<String> BROAD = Set.of(
            Throwable.class.getName(),
            Exception.class.getName(),
            RuntimeException.class.getName(),
            Error.class.getName());

    private CatchRules() {}

    static Rule broadCatch(String base, Set<String> guards) {
        return Rule.of(
                "broadcatch",
                classes()
                        .that()
                        .resideInAPackage(base + "..")
                        .and()
                        .resideOutsideOfPackage(base + ".internal.call")
                        .should(new CatchNothingBroad(guards)),
                "it swallows bugs with the failure that was meant: catch the type that can happen, leave the rest to"
                        + " internal.call; a class that guards foreign callbacks is named in its module's"
                        + " ArchitectureTest");
    }

    static Rule bareExceptions(String base) {
        return Rule.of(
                "bareexceptions",
                classes().that().resideInAPackage(base + "..").should(new ThrowTypedExceptions()),
                "a caller cannot decide on it: throw a type of " + base + ".error, IllegalArgumentException or"
                        + " IllegalStateException");
    }

    private static final class CatchNothingBroad extends ArchCondition<JavaClass> {
        private final Set<String> guards;

        CatchNothingBroad(Set<String> guards) {
            super("not catch Throwable, Exception, RuntimeException or Error");
            this.guards = guards;
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            if (guards.contains(outermost(type).getName())) {
                return;
            }
            for (JavaCodeUnit unit : type.getCodeUnits()) {
                boolean closesResources = closesResources(unit);
                for (TryCatchBlock block : unit.getTryCatchBlocks()) {
                    block.getCaughtThrowables().stream()
                            .filter(caught -> BROAD.contains(caught.getName()))
                            .filter(caught -> !(closesResources && caught.isEquivalentTo(Throwable.class)))
                            .forEach(caught -> events.add(SimpleConditionEvent.violated(
                                    type,
                                    unit.getFullName() + " catches " + caught.getSimpleName() + " in "
                                            + block.getSourceCodeLocation())));
                }
            }
        }

        /** The compiler turns a try-with-resources into a catch of Throwable that adds what close() threw. */
        private static boolean closesResources(JavaCodeUnit unit) {
            return unit.getMethodCallsFromSelf().stream()
                    .anyMatch(call -> call.getName().equals("addSuppressed"));
        }

        private static JavaClass outermost(JavaClass type) {
            JavaClass outer = type;
            while (outer.getEnclosingClass().isPresent()) {
                outer = outer.getEnclosingClass().get();
            }
            return outer;
        }
    }

    private static final class ThrowTypedExceptions extends ArchCondition<JavaClass> {
        ThrowTypedExceptions() {
            super("not create Throwable, Exception, RuntimeException or Error themselves");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            for (JavaConstructorCall call : type.getConstructorCallsFromSelf()) {
                boolean superCall = call.getOrigin().isConstructor() && type.isAssignableTo(Throwable.class);
                if (!superCall && BROAD.contains(call.getTargetOwner().getName())) {
                    events.add(SimpleConditionEvent.violated(type, call.getDescription()));
                }
            }
        }
    }
}
