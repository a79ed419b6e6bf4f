/// The script that `ballast completion zsh` prints: the bash one, through zsh's own adapter.
enum ZshCompletion {
  static func script(_ commands: [Command]) -> String {
    """
    # zsh completion of ballast: source <(ballast completion zsh)
    autoload -U +X bashcompinit && bashcompinit

    """ + BashCompletion.script(commands)
  }
}
