/// Every command, in the order in which help lists them.
enum CommandTable {
  struct Group {
    var title: String
    var commands: [Command]
  }

  static var groups: [Group] {
    [
      Group(
        title: "Start",
        commands: [
          RunCommands.run, RunCommands.engine, RunCommands.holder, ConfigurationCommands.check,
          ConfigurationCommands.schema, ImportCommand.command, SimulateCommand.command,
        ]),
      Group(
        title: "Look",
        commands: [
          TopCommand.command, GetCommand.command, DescribeCommand.command, LogsCommand.command,
          EventsCommand.command,
          ExplainCommand.command, FaultCommands.list, FaultCommands.acknowledge,
          FaultCommands.resolve, FaultCommands.cause, FaultCommands.timeline,
          FaultExportCommand.command,
          AvailabilityCommand.command, AlertCommands.channels, AlertCommands.log,
          AlertCommands.silences,
        ]),
      Group(
        title: "Act",
        commands: [
          DeployCommands.deploy, DeployCommands.rollback, DeployCommands.abort,
          RolloutCommands.scale, RolloutCommands.restart, ServerCommands.drain,
          ServerCommands.ready, ServerCommands.maintain, ServerCommands.weight, TuneCommand.command,
          PromoteCommand.command, DrillCommand.command, BanCommands.ban, BanCommands.unban,
          AlertCommands.test, AlertCommands.silence, AlertCommands.unsilence,
          AlertCommands.acknowledge,
        ]),
      Group(
        title: "Configure",
        commands: [
          PlanCommand.command, ApplyCommand.command,
          ConfigCommands.get, ConfigCommands.set, ConfigCommands.save, ConfigCommands.reload,
          ConfigHistoryCommands.history, ConfigHistoryCommands.diff, ConfigHistoryCommands.rollback,
          UpgradeCommand.command,
        ]),
      Group(
        title: "People",
        commands: [
          SignInCommands.login, SignInCommands.logout, SignInCommands.whoami, UserCommands.list,
          UserCommands.add, UserCommands.set, UserCommands.password, UserCommands.remove,
          TokenCommands.list, TokenCommands.add, TokenCommands.remove,
        ]),
      Group(
        title: "Upkeep",
        commands: [
          BackupCommand.command, RestoreCommand.command, AuditCommands.list, AuditCommands.show,
          AuditCommands.head, AuditVerifyCommand.command,
          HelpCommand.command, CompletionCommand.command, VersionCommand.command,
        ]),
    ]
  }

  static var all: [Command] { groups.flatMap(\.commands) }

  static var visible: [Command] { all.filter { !$0.hidden } }
}
