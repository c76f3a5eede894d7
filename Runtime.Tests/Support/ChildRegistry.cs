using System.Reflection;

namespace Runtime.Tests.Support;

/// <summary>Names the methods marked <see cref="ChildAttribute"/>, and finds them again in the other process.</summary>
internal static class ChildRegistry
{
    private const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    public static string NameOf(Func<string[], int> child)
    {
        string name = $"{child.Method.DeclaringType!.FullName}:{child.Method.Name}";
        if (!child.Method.IsStatic || !child.Method.IsDefined(typeof(ChildAttribute)))
        {
            throw new ArgumentException($"{name} must be static and marked [Child] to run in a process of its own.");
        }

        return name;
    }

    public static Func<string[], int> Find(string name)
    {
        string[] parts = name.Split(':');
        MethodInfo? method = parts.Length == 2
            ? typeof(ChildRegistry).Assembly.GetType(parts[0])?.GetMethod(parts[1], AnyStatic)
            : null;
        return method is not null && method.IsDefined(typeof(ChildAttribute))
            ? method.CreateDelegate<Func<string[], int>>()
            : throw new ArgumentException($"There is no child named {name}.");
    }
}
